#Requires -Version 7.4
<#
.SYNOPSIS
Generated users, changed by your own code on the pipeline, into your own table.
.DESCRIPTION
Import-StreamingData loads any objects: what matters are the names of their properties. Everything arrives in one transaction, or nothing does.
.PARAMETER Count
Number of users.
.PARAMETER Schema
Schema of the table.
.PARAMETER Seed
Seed of the values; the same seed gives the same users.
.EXAMPLE
./custom-load.ps1 -Count 1000 | Format-Table
#>
[CmdletBinding()]
param(
    [ValidateRange(1, [long]::MaxValue)]
    [long] $Count = 100,

    [string] $Schema = 'crm',

    [long] $Seed = 1
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$metadata = Join-Path $PSScriptRoot 'custom-load.json'

# Your transformation: any function that takes an object and writes one. Here, the age becomes a segment, and the city is in capitals.
function ConvertTo-Contact {
    process {
        [pscustomobject]@{
            ContactId = $_.UserId
            DisplayName = $_.Name
            Email = $_.Email.ToLowerInvariant()
            Segment = $_.Age -lt 30 ? 'young' : $_.Age -lt 60 ? 'adult' : 'senior'
            City = $_.City.ToUpperInvariant()
            Since = $_.RegistrationDate
        }
    }
}

$null = Initialize-StreamingSchema -Metadata $metadata -Schema $Schema
New-StreamingUser -Count $Count -Seed $Seed |
    ConvertTo-Contact |
    Import-StreamingData -Table contacts -Metadata $metadata -Schema $Schema -OnConflict Update
