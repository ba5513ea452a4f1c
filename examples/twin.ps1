#Requires -Version 7.4
<#
.SYNOPSIS
A small twin of existing tables: the same structure, like values, as many children per parent, and no row of the original.
.DESCRIPTION
Learns from the statistics of the original's tables, makes the same tables in another schema of the same database, fills them, and shows how
near each column comes. Values of columns whose names suggest personal data are not copied; read the file before you share it.
.PARAMETER Original
Schema of the existing tables.
.PARAMETER Twin
Schema of the twin.
.PARAMETER Scale
Rows of the twin for each row of the original.
.PARAMETER Path
File for the metadata, to edit and use again.
.EXAMPLE
./twin.ps1 -Original production -Twin development -Scale 0.01 | Where-Object Likeness -lt 0.8
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Original,

    [string] $Twin = 'twin',

    [ValidateRange(0.000001, 1000)]
    [double] $Scale = 0.01,

    [string] $Path = 'twin.json'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# What is learned are the server's statistics: make them new.
$null = Invoke-StreamingQuery 'ANALYZE' -Write -Confirm:$false
$null = Export-StreamingMetadata $Path -Schema $Original -LearnFrom -Scale $Scale -Force

$null = Initialize-StreamingSchema -Metadata $Path -Schema $Twin
$null = Invoke-StreamingBatch -Metadata $Path -Schema $Twin
Test-StreamingIntegrity -Metadata $Path -Schema $Twin | Where-Object Passed -EQ $false | ForEach-Object { Write-Warning "$($_.Check): $($_.Count) rows" }

Get-StreamingLikeness $Original -Schema $Twin
