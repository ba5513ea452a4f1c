BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Initialize-StreamingSchema' {
    BeforeAll {
        $connection = Connect-StreamingDatabase -Schema 'initialize'
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'shows its SQL and runs none of it with -WhatIf' {
        $plan = Initialize-StreamingSchema -WhatIf
        $plan.Action | Sort-Object -Unique | Should -Be 'WouldCreate'
        $plan.Sql -join "`n" | Should -Match 'CREATE TABLE "initialize"."users"'
        Invoke-Sql $connection "SELECT count(*) FROM pg_namespace WHERE nspname = 'initialize'" | Should -Be 0
    }

    It 'creates what is missing, and nothing the second time' {
        (Initialize-StreamingSchema).Action | Should -Contain 'Created'
        (Initialize-StreamingSchema).Action | Sort-Object -Unique | Should -Be 'Unchanged'
        Get-RowCount $connection 'users' | Should -Be 0
    }

    It 'takes a schema of any name' {
        $name = 'a"b; drop table x'
        (Initialize-StreamingSchema -Schema $name).Action | Should -Contain 'Created'
        Invoke-Sql $connection "SELECT count(*) FROM pg_namespace WHERE nspname = 'a`"b; drop table x'" | Should -Be 1
    }

    It 'warns of a table that does not fit and leaves it alone' {
        $null = New-TestSchema 'differs'
        $null = Invoke-Sql $connection 'ALTER TABLE differs.users ALTER COLUMN age TYPE text'
        $result = Initialize-StreamingSchema -Schema differs -WarningVariable warnings -WarningAction SilentlyContinue
        ($result | Where-Object Action -EQ 'Different').Name | Should -Contain 'users'
        $warnings | Should -Match 'age'
        Invoke-Sql $connection "SELECT data_type FROM information_schema.columns WHERE table_schema = 'differs' AND column_name = 'age'" |
            Should -Be 'text'
    }

    It 'refuses metadata that cannot be used, before it touches the database' {
        $file = Join-Path $TestDrive 'metadata.json'
        Set-Content $file '{ "shelf": { "columns": { "id": { "type": "WOOD", "primary_key": true } } } }'
        { Initialize-StreamingSchema -Metadata $file -Schema from_file } | Should -Throw -ErrorId '*,StreamingPg.Cmdlets.Commands.InitializeStreamingSchemaCommand'
        try { Initialize-StreamingSchema -Metadata $file -Schema from_file } catch { $failed = $_ }
        $failed.CategoryInfo.Category | Should -Be 'InvalidData'
        $failed.Exception.Message | Should -Match 'shelf'
        Invoke-Sql $connection "SELECT count(*) FROM pg_namespace WHERE nspname = 'from_file'" | Should -Be 0
    }
}
