#Requires -Version 7.4
<#
.SYNOPSIS
Values of your own: a script block fills a column from the other columns of the row, fast and the same for the same seed.
.DESCRIPTION
The script gets a block of rows at a time and a random number generator with the seed of the block. With only these two, a seed gives the same rows
on any machine and with any number of connections.
.PARAMETER Schema
Schema of the tables.
.PARAMETER Rows
Number of orders.
.PARAMETER Seed
Seed of the values.
.EXAMPLE
./own-generators.ps1 -Rows 100000
#>
[CmdletBinding()]
param(
    [string] $Schema = 'own',

    [ValidateRange(1, 100000000)]
    [long] $Rows = 1000,

    [long] $Seed = 1
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$metadata = @'
{ "orders": { "columns": {
    "id": { "type": "UUID", "primary_key": true },
    "country_code": { "type": "CHAR(2)", "nullable": false, "values": { "DE": 6, "FR": 3, "IT": 1 } },
    "weight": { "type": "INTEGER", "nullable": false, "min": 1, "max": 4000 },
    "reference": { "type": "TEXT", "nullable": false },
    "carrier": { "type": "TEXT", "generator": { "kind": "shipping.carrier", "heavy": 2000 } }
} } }
'@

# For this session, under a name that any metadata can use, with arguments.
Register-StreamingGenerator -Name shipping.carrier -ScriptBlock {
    param($rows, $random)
    foreach ($row in $rows) {
        if ($row['weight'] -ge $rows.Arguments['heavy']) { 'Freight' } else { 'Parcel', 'Express' | Select-Object -Index $random.Next(2) }
    }
}

$null = Initialize-StreamingSchema -Metadata $metadata -Schema $Schema

# For this batch, by column: the number of the row makes all references different.
$null = Invoke-StreamingBatch -Metadata $metadata -Schema $Schema -Rows @{ orders = $Rows } -Seed $Seed -Generator @{
    'orders.reference' = { param($rows, $random) foreach ($row in $rows) { '{0}-{1:0000000}-{2}' -f $row['country_code'], $row.Number, $random.Next(10, 99) } }
}

Get-StreamingRow orders -Metadata $metadata -Schema $Schema -First 5
