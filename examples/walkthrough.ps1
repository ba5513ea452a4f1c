#Requires -Version 7.4
<#
.SYNOPSIS
A walk through StreamingPg, cell by cell, like a notebook.
.DESCRIPTION
Open it in VS Code, select a cell and run it with F8; or run the whole file. It uses the database of your settings, or a private server, and
leaves the schema that it made: the last cell says how to drop it.
.PARAMETER Schema
Schema of the tables.
.PARAMETER Folder
Folder for the report.
#>
[CmdletBinding()]
param(
    [string] $Schema = 'walkthrough',

    [string] $Folder = '.'
)

$ErrorActionPreference = 'Stop'
$shop = @{ Metadata = Join-Path $PSScriptRoot 'shop.json'; Schema = $Schema }

#region 1. Which tables are there, and how is each column filled?
Get-StreamingMetadata -Metadata $shop.Metadata | Where-Object Table -EQ orders | Format-Table Column, Generator, Reason
#endregion

#region 2. What would be created? Then create it.
Initialize-StreamingSchema @shop -WhatIf | Group-Object Kind -NoElement | Format-Table Name, Count
$null = Initialize-StreamingSchema @shop
#endregion

#region 3. A batch: one transaction, every foreign key verified before the commit
$batch = Invoke-StreamingBatch @shop -Rows @{ customers = 100; products = 50; orders = 200 } -Seed 7
$batch | Format-List BatchNumber, TotalRows, Duration, ForeignKeyCheck
$batch.Tables | Format-Table
#endregion

#region 4. Are the rows sound?
Test-StreamingIntegrity @shop | Group-Object Status -NoElement | Format-Table Name, Count
#endregion

#region 5. How are they related?
Get-StreamingRelationship @shop | Format-Table
#endregion

#region 6. Objects instead of tables: generate, look, change, load
$customers = New-StreamingRow -Table customers -Metadata $shop.Metadata -Count 3 -Seed 7
$customers | Format-Table full_name, email, registered_at
$customers | ForEach-Object { $_.full_name = $_.full_name.ToUpperInvariant(); $_ } | Import-StreamingData -Metadata $shop.Metadata -Schema $Schema
#endregion

#region 7. A stream of three batches: its events happen now
Invoke-StreamingBatch @shop -Continuous -Interval 200ms -MaxBatches 3 | Format-Table BatchNumber, TotalRows, Duration
Get-StreamingGrowth @shop -Period 5m
#endregion

#region 8. Its health, and a report
Test-StreamingHealth @shop | Group-Object Status -NoElement | Format-Table Name, Count
Export-StreamingReport @shop -Path (Join-Path $Folder 'walkthrough.html')
#endregion

#region 9. What would retention remove?
Remove-StreamingData @shop -OlderThan 20d -WhatIf | Format-Table
"To start over: DROP SCHEMA $Schema CASCADE"
#endregion
