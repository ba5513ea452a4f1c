#Requires -Modules StreamingPg
# A Pester suite for tables of your own. Copy it, and replace the metadata, the rows and the assertions by yours:
#
#   Invoke-Pester ./database.Tests.ps1
#
# The tables are created in a schema of this run, filled with the same rows each time, and dropped.

BeforeAll {
    $schema = "suite_$PID"
    $tables = @{ Metadata = Join-Path $PSScriptRoot 'shop.json'; Schema = $schema }
    $connection = Connect-StreamingDatabase -Schema $schema

    # Your code under test would be imported here; this is a query that a shop might have.
    function Get-Value([string] $Sql) {
        $command = $connection.DataSource.CreateCommand($Sql.Replace('SCHEMA', $schema))
        try { $command.ExecuteScalar() }
        finally { $command.Dispose() }
    }

    $null = Initialize-StreamingSchema @tables
    $batch = Invoke-StreamingBatch @tables -Rows @{ customers = 30; products = 20; orders = 50 } -Seed 42 -ReferenceTime 2026-01-01Z
}

AfterAll {
    $null = Get-Value 'DROP SCHEMA IF EXISTS SCHEMA CASCADE'
    Disconnect-StreamingDatabase $connection
}

Describe 'The shop' {
    It 'has the rows that were loaded' {
        Get-Value 'SELECT count(*) FROM SCHEMA.orders' | Should -Be 50
        ($batch.Tables | Where-Object Table -EQ orders).Rows | Should -Be 50
    }

    It 'is sound: no orphan, no duplicate, every sum balances' {
        Test-StreamingIntegrity @tables | Where-Object Passed -EQ $false | Should -BeNullOrEmpty
    }

    It 'delivers only to addresses of the customer' {
        Get-Value @'
            SELECT count(*) FROM SCHEMA.orders JOIN SCHEMA.addresses ON address_id = shipping_address_id
            WHERE addresses.customer_id <> orders.customer_id
'@ | Should -Be 0
    }

    It 'would notice: a wrong total is found' {
        $null = Get-Value 'UPDATE SCHEMA.orders SET total = total + 1 WHERE order_id = (SELECT order_id FROM SCHEMA.orders LIMIT 1)'
        $wrong = Test-StreamingIntegrity @tables -Check 'Amount *' | Where-Object Passed -EQ $false
        $wrong.Count | Should -Be 1
    }
}
