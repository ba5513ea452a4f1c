#Requires -Version 7.4
<#
.SYNOPSIS
Rows that make sense: numbers from templates, sums and taxes from expressions, states that decide about other columns, cities from a file.
.DESCRIPTION
Loads invoices.json, which uses all rules, and lets PostgreSQL look for an invoice that contradicts itself.
.PARAMETER Schema
Schema of the tables.
.EXAMPLE
./rules.ps1 | Format-List
#>
[CmdletBinding()]
param(
    [string] $Schema = 'billing'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$metadata = Join-Path $PSScriptRoot 'invoices.json'
$null = Initialize-StreamingSchema -Metadata $metadata -Schema $Schema
$null = Invoke-StreamingBatch -Metadata $metadata -Schema $Schema
$wrong = Invoke-StreamingQuery -Schema $Schema "SELECT count(*) AS rows FROM invoices WHERE (status = 'paid') <> (paid_at IS NOT NULL) OR paid_at < issued_at"
if ($wrong.rows -ne 0) {
    throw "$($wrong.rows) invoices contradict themselves."
}

Get-StreamingRow invoices -Metadata $metadata -Schema $Schema -First 3
