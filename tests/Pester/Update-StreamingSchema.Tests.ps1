BeforeAll {
    . $PSScriptRoot/Common.ps1
    $command = 'StreamingPg.Cmdlets.Commands.UpdateStreamingSchemaCommand'
}

Describe 'Update-StreamingSchema' {
    BeforeAll {
        $connection = Connect-StreamingDatabase -Schema update
        function Set-MetadataFile([string] $Columns) {
            $path = Join-Path $TestDrive 'items.json'
            Set-Content $path "{ `"items`": { `"columns`": { `"id`": { `"type`": `"INTEGER`", `"primary_key`": true }, $Columns } } }"
            $path
        }
    }

    BeforeEach {
        $null = Invoke-Sql $connection 'DROP SCHEMA IF EXISTS update CASCADE'
        $null = Initialize-StreamingSchema -Metadata (Set-MetadataFile '"name": { "type": "VARCHAR(20)" }')
        $null = Invoke-Sql $connection "INSERT INTO update.items VALUES (1, 'long enough'), (2, 'b')"
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'shows the steps with -WhatIf and changes nothing' {
        $steps = Update-StreamingSchema -Metadata (Set-MetadataFile '"name": { "type": "VARCHAR(40)" }, "price": { "type": "NUMERIC(8,2)" }') -WhatIf
        $steps | Should -BeOfType StreamingPg.SchemaUpdate
        $steps | ForEach-Object { "$($_.State) $($_.Name) $($_.Change)" } |
            Should -Be 'WouldApply name character varying(20) to character varying(40)', 'WouldApply price add'
        $steps.Sql | Should -Match 'ALTER TABLE "update"."items"'
        (Update-StreamingSchema -Metadata (Set-MetadataFile '"name": { "type": "VARCHAR(40)" }') -WhatIf).Count | Should -Be 1
    }

    It 'takes safe steps, and then there are none' {
        $metadata = Set-MetadataFile '"name": { "type": "VARCHAR(40)", "unique": true }, "price": { "type": "NUMERIC(8,2)", "default": 1 }'
        $steps = Update-StreamingSchema -Metadata $metadata -Confirm:$false
        $steps.State | Sort-Object -Unique | Should -Be 'Applied'
        $steps[-1].Kind | Should -Be 'index'
        Update-StreamingSchema -Metadata $metadata -Confirm:$false | Should -BeNullOrEmpty
        Invoke-Sql $connection 'SELECT sum(price)::int FROM update.items' | Should -Be 2
    }

    It 'refuses what loses data, says how many rows, and does it with -Force' {
        $metadata = Set-MetadataFile '"name": { "type": "VARCHAR(5)" }'
        $step = Update-StreamingSchema -Metadata $metadata -Confirm:$false -WarningVariable warnings -WarningAction Ignore
        $step.State, $step.LosesData, $step.Rows | Should -Be 'Refused', $true, 1
        "$warnings" | Should -Match 'items\.name.*1 rows.*-Force'
        (Update-StreamingSchema -Metadata $metadata -Force -Confirm:$false).State | Should -Be 'Applied'
        Invoke-Sql $connection 'SELECT name FROM update.items WHERE id = 1' | Should -Be 'long '
    }

    It 'widens integers when asked' {
        $metadata = Join-Path $TestDrive 'wide.json'
        Set-Content $metadata '{ "items": { "columns": { "id": { "type": "BIGINT", "primary_key": true }, "name": { "type": "VARCHAR(20)" } } } }'
        (Update-StreamingSchema -Metadata $metadata -Confirm:$false -WarningAction Ignore).State | Should -Be 'Refused'
        (Update-StreamingSchema -Metadata $metadata -WidenInteger -Confirm:$false).State | Should -Be 'Applied'
    }

    It 'makes a key and what refers to it bigint with -WidenKey, and shows the steps with -WhatIf' {
        $null = Invoke-Sql $connection 'CREATE TABLE update.big (id serial PRIMARY KEY); CREATE TABLE update.small (big_id int REFERENCES update.big); INSERT INTO update.big DEFAULT VALUES'
        $steps = Update-StreamingSchema -WidenKey big -WhatIf
        $steps[-1].Change, $steps[-1].State | Should -Be 'integer to bigint', 'WouldApply'
        $steps.Sql -join "`n" | Should -Match 'CREATE UNIQUE INDEX CONCURRENTLY'

        $steps = Update-StreamingSchema -WidenKey big -Confirm:$false
        ($steps | Where-Object Change -EQ 'integer to bigint').Table | Should -Be big, small
        $steps.State | Should -Not -Contain WouldApply
        Update-StreamingSchema -WidenKey big -Confirm:$false | Should -BeNullOrEmpty
        { Update-StreamingSchema -WidenKey nothing -Confirm:$false } | Should -Throw -ErrorId "TableNotFound,$command"
    }

    It 'gives up when a lock is not to be had' {
        $other = $connection.DataSource.OpenConnection()
        try {
            $transaction = $other.BeginTransaction()
            $lock = $other.CreateCommand()
            $lock.CommandText = 'LOCK TABLE update.items IN ACCESS SHARE MODE'
            $null = $lock.ExecuteNonQuery()
            { Update-StreamingSchema -Metadata (Set-MetadataFile '"name": { "type": "TEXT" }') -LockTimeout 00:00:00.1 -Confirm:$false } |
                Should -Throw -ErrorId "LockNotAvailable,$command"
        }
        finally {
            $transaction.Dispose()
            $other.Dispose()
        }
    }

    It 'fits 100 columns' {
        $metadata = Set-MetadataFile '"a_rather_long_name": { "type": "VARCHAR(5)" }'
        $text = Update-StreamingSchema -Metadata $metadata -WhatIf -WarningAction Ignore | Format-Table | Out-String -Width 100
        $text | Should -Match 'Refused +column +2 +items\.name\s+drop\.'
    }
}
