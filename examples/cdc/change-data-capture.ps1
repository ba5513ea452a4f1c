#Requires -Version 7.4
<#
.SYNOPSIS
Captures the changes that batches and retention make, by logical decoding.
.DESCRIPTION
Starts a private server of its own with wal_level = logical, publishes the tables, creates a slot with PostgreSQL's test_decoding, lets StreamingPg
load a batch and remove rows, and writes one object per change: what Debezium and other consumers would get. The server is stopped at the end.
.PARAMETER Path
Folder of the server; it is created if it does not exist.
.EXAMPLE
./change-data-capture.ps1 -Path ./cdc | Group-Object Table, Action -NoElement
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Path
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Invoke-Query([StreamingPg.StreamingConnection] $Connection, [string] $Sql) {
    $command = $Connection.DataSource.CreateCommand($Sql)
    try {
        $reader = $command.ExecuteReader()
        while ($reader.Read()) { $reader.GetValue(0) }
        $reader.Dispose()
    }
    finally {
        $command.Dispose()
    }
}

$server = Start-StreamingServer -Path $Path -WalLevel Logical
$connection = Connect-StreamingDatabase -Server $server
try {
    # debezium.json names the same publication.
    $null = Initialize-StreamingSchema -Connection $connection -Publication streamingpg
    Test-StreamingPublication streamingpg -Connection $connection | Where-Object IsOk -EQ $false | ForEach-Object { throw $_.Detail }
    $null = Invoke-Query $connection "SELECT slot_name::text FROM pg_create_logical_replication_slot('streamingpg_example', 'test_decoding')"
    $null = Invoke-StreamingBatch -Connection $connection -Users 2 -Transactions 3 -Details 5 -Seed 1 -ReferenceTime 2026-01-01Z
    $null = Remove-StreamingData -Connection $connection -Before 2026-01-01Z -Confirm:$false

    # Each row is text such as: table streaming.users: INSERT: user_id[uuid]:'...' name[character varying]:'...'
    Invoke-Query $connection "SELECT data FROM pg_logical_slot_get_changes('streamingpg_example', NULL, NULL)" | ForEach-Object {
        if ($_ -match '^table (?<schema>[^.]+)\.(?<table>[^:]+): (?<action>[A-Z]+): (?<values>.*)$') {
            [pscustomobject]@{ Table = $Matches.table; Action = $Matches.action; Values = $Matches.values }
        }
    }
}
finally {
    # A slot that nobody reads keeps the WAL forever.
    $null = Invoke-Query $connection "SELECT pg_drop_replication_slot(slot_name)::text FROM pg_replication_slots WHERE slot_name = 'streamingpg_example'"
    Disconnect-StreamingDatabase $connection
    $null = Stop-StreamingServer -Path $Path
}
