BeforeAll {
    . $PSScriptRoot/Common.ps1
    $command = 'StreamingPg.Cmdlets.Commands.ImportStreamingDataCommand'
}

Describe 'Import-StreamingData' {
    BeforeAll {
        $connection = New-TestSchema 'import'
    }

    BeforeEach {
        $null = Invoke-Sql $connection 'TRUNCATE import.users, import.transactions, import.detailed_transactions'
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'takes generated records of all tables, mixed' {
        $result = New-StreamingUser -Count 10 | New-StreamingTransaction -Count 30 -PassThru |
            New-StreamingDetail -Count 100 -PassThru | Import-StreamingData
        $result | Should -BeOfType StreamingPg.ImportResult
        $result | ForEach-Object { "$($_.Table) $($_.Rows)" } | Should -Be 'users 10', 'transactions 30', 'detailed_transactions 100'
        Test-StreamingIntegrity -Quiet | Should -BeTrue
    }

    It 'takes children before their parents' {
        $all = New-StreamingUser -Count 3 | New-StreamingTransaction -Count 5 -PassThru
        [array]::Reverse($all)
        $all | Import-StreamingData | ForEach-Object Rows | Should -Be 3, 5
    }

    It 'takes a CSV file' {
        $file = Join-Path $TestDrive 'users.csv'
        Set-Content $file @'
user_id,name,email,age,city,registration_date
0190a5e4-0000-7000-8000-000000000001,Ada,ada@example.com,36,London,2024-05-01 10:00:00
0190a5e4-0000-7000-8000-000000000002,Bob,bob@example.com,,Paris,2024-05-02
'@
        (Import-Csv $file | Import-StreamingData -Table users).Rows | Should -Be 2
        Invoke-Sql $connection "SELECT age FROM import.users WHERE name = 'Ada'" | Should -Be 36
        Invoke-Sql $connection "SELECT age IS NULL FROM import.users WHERE name = 'Bob'" | Should -BeTrue
    }

    It 'matches <_> with the column user_id' -ForEach 'UserId', 'user_id', 'userid', 'USER_ID' {
        [pscustomobject]@{ $_ = New-Guid; Name = 'Eve' } | Import-StreamingData -Table Users | ForEach-Object Rows | Should -Be 1
        Invoke-Sql $connection 'SELECT count(user_id) FROM import.users' | Should -Be 1
    }

    It 'takes hash tables, and objects of different shapes' {
        @{ user_id = New-Guid; name = 'a' }, [pscustomobject]@{ name = 'b'; user_id = New-Guid }, [pscustomobject]@{ user_id = New-Guid } |
            Import-StreamingData -Table users | ForEach-Object Rows | Should -Be 3
        Invoke-Sql $connection "SELECT string_agg(name, ',' ORDER BY name) FROM import.users" | Should -Be 'a,b'
    }

    It 'takes an array as an argument' {
        (Import-StreamingData -InputObject (New-StreamingUser -Count 4)).Rows | Should -Be 4
    }

    It 'keeps the sequence ahead of explicit keys' {
        $transaction = New-StreamingUser | New-StreamingTransaction -PassThru
        $null = $transaction | Import-StreamingData
        [pscustomobject]@{ Id = 500; TransactionId = $transaction[1].TransactionId; UserId = $transaction[0].UserId } |
            Import-StreamingData -Table detailed_transactions | ForEach-Object Rows | Should -Be 1
        Invoke-Sql $connection "SELECT nextval(pg_get_serial_sequence('import.detailed_transactions', 'id'))" | Should -BeGreaterThan 500
    }

    It 'changes nothing with -WhatIf' {
        New-StreamingUser -Count 3 | Import-StreamingData -WhatIf | Should -BeNullOrEmpty
        Get-RowCount $connection 'users' | Should -Be 0
    }

    It 'gives nothing for nothing' {
        @() | Import-StreamingData -Table users | Should -BeNullOrEmpty
    }

    It 'names row, column and value that does not fit, and loads nothing' {
        $rows = @(New-StreamingUser -Count 2 | Select-Object *) + [pscustomobject]@{ user_id = New-Guid; age = 'old' }
        $failed = { $rows | Import-StreamingData -Table users } | Should -Throw -PassThru -ErrorId "*,$command"
        $failed.Exception.Message | Should -Match '\b3\b'
        $failed.Exception.Message | Should -Match 'age'
        $failed.Exception.Message | Should -Match 'old'
        Get-RowCount $connection 'users' | Should -Be 0
    }

    It 'loads nothing when a parent is missing' {
        $orphan = New-StreamingUser -Count 1 | New-StreamingTransaction -Count 1
        $failed = { $orphan | Import-StreamingData } | Should -Throw -PassThru -ErrorId "*,$command"
        $failed.CategoryInfo.Category | Should -Be 'InvalidData'
        Get-RowCount $connection 'transactions' | Should -Be 0
    }

    It 'refuses a property without a column' {
        { [pscustomobject]@{ user_id = New-Guid; shoe_size = 44 } | Import-StreamingData -Table users } |
            Should -Throw -ErrorId "PropertyUnknown,$command" -ExpectedMessage '*shoe_size*columns are user_id, name*'
    }

    It 'refuses two properties for one column' {
        { [pscustomobject]@{ user_id = New-Guid; UserId = New-Guid } | Import-StreamingData -Table users } |
            Should -Throw -ErrorId "PropertyAmbiguous,$command"
    }

    It 'refuses an object without a table, and an unknown table' {
        { [pscustomobject]@{ a = 1 } | Import-StreamingData } | Should -Throw -ErrorId "TableRequired,$command"
        { [pscustomobject]@{ a = 1 } | Import-StreamingData -Table shoes } | Should -Throw -ErrorId "TableUnknown,$command"
    }

    It 'loads the good rows and gives back the bad ones, which can be mended' {
        $file = Join-Path $TestDrive 'rejects.jsonl'
        $rows = 1..50 | ForEach-Object { [pscustomobject]@{ user_id = New-Guid; name = "n$_"; age = $_ -eq 20 ? 'old' : 30 } }
        $rows += $rows[4]
        $result = $rows | Import-StreamingData -Table users -OnError Reject -RejectPath $file -WarningVariable warnings -WarningAction Ignore
        $result.Read, $result.Rows, $result.Rejected | Should -Be 51, 49, 2
        "$warnings" | Should -Match "2 rows were rejected; .*rejects\.jsonl"
        $rejects = Get-Content $file | ConvertFrom-Json
        $rejects | ForEach-Object { "$($_.table) $($_.row) $($_.sqlstate)" } | Should -Be 'users 20 22000', 'users 51 23505'
        $rejects[0].values.age = 31
        ($rejects[0].values | Import-StreamingData -Table users).Rows | Should -Be 1
        Get-RowCount $connection 'users' | Should -Be 50
    }

    It 'resolves the file against the folder of the session' {
        Push-Location $TestDrive
        @{ user_id = New-Guid; age = 'old' } | Import-StreamingData -Table users -OnError Reject -RejectPath here.jsonl -WarningAction Ignore |
            ForEach-Object Rejected | Should -Be 1
        Pop-Location
        Join-Path $TestDrive here.jsonl | Should -Exist
    }

    It 'needs a file to reject, and never writes over one' {
        { New-StreamingUser | Import-StreamingData -OnError Reject } | Should -Throw -ErrorId "ImportOptionInvalid,$command"
        Set-Content (Join-Path $TestDrive 'there.jsonl') 'x'
        { New-StreamingUser | Import-StreamingData -OnError Reject -RejectPath (Join-Path $TestDrive 'there.jsonl') } |
            Should -Throw -ErrorId "RejectFileExists,$command"
    }

    It 'skips or updates rows whose key is there' {
        $users = New-StreamingUser -Count 5
        $null = $users[0..2] | Import-StreamingData
        $skipped = $users | Import-StreamingData -OnConflict Skip
        $skipped.Read, $skipped.Inserted, $skipped.Skipped | Should -Be 5, 2, 3
        $updated = [pscustomobject]@{ user_id = $users[0].UserId; city = 'Here' } | Import-StreamingData -Table users -OnConflict Update
        $updated.Inserted, $updated.Updated | Should -Be 0, 1
        Invoke-Sql $connection "SELECT name FROM import.users WHERE city = 'Here'" | Should -Be $users[0].Name
    }

    It 'gives a column that a row does not have its default' {
        $null = Invoke-Sql $connection "ALTER TABLE import.users ALTER city SET DEFAULT 'Nowhere'"
        try {
            $rows = @{ user_id = New-Guid; name = 'without' }, @{ user_id = New-Guid; name = 'empty'; city = $null }, @{ user_id = New-Guid; name = 'with'; city = 'Rome' }
            ($rows | Import-StreamingData -Table users).Rows | Should -Be 3
            Invoke-Sql $connection "SELECT string_agg(name || ' ' || coalesce(city, '-'), ', ' ORDER BY name) FROM import.users" |
                Should -Be 'empty -, with Rome, without Nowhere'
        }
        finally {
            $null = Invoke-Sql $connection 'ALTER TABLE import.users ALTER city DROP DEFAULT'
        }
    }

    It 'loads rows that refer to each other in a circle, and rejects those that refer to nothing' {
        $metadata = Join-Path $TestDrive 'circle.json'
        Set-Content $metadata @'
            { "shops": { "columns": { "id": { "type": "INTEGER", "primary_key": true },
                "manager": { "type": "INTEGER", "nullable": true, "foreign_key": { "table": "staff", "column": "id" } } } },
              "staff": { "columns": { "id": { "type": "INTEGER", "primary_key": true },
                "shop": { "type": "INTEGER", "nullable": false, "foreign_key": { "table": "shops", "column": "id" } } } } }
'@
        $null = Invoke-Sql $connection 'DROP SCHEMA IF EXISTS circle CASCADE'
        $null = Initialize-StreamingSchema -Metadata $metadata -Schema circle
        $rows = 1..20 | ForEach-Object {
            [pscustomobject]@{ PSTypeName = 'StreamingPg.Row#shops'; id = $_; manager = $_ -eq 7 ? 99 : 21 - $_ }
            [pscustomobject]@{ PSTypeName = 'StreamingPg.Row#staff'; id = $_; shop = $_ }
        }
        # Without worker 99 there is no shop 7, so no worker 7 and no shop 14, and so on around.
        $results = $rows | Import-StreamingData -Metadata $metadata -Schema circle -OnError Reject -RejectPath (Join-Path $TestDrive 'circle.jsonl') -WarningAction Ignore
        $results | ForEach-Object { "$($_.Table) $($_.Read) $($_.Rows) $($_.Rejected)" } | Should -Be 'shops 20 18 2', 'staff 20 18 2'
        Get-Content (Join-Path $TestDrive 'circle.jsonl') | ConvertFrom-Json | ForEach-Object sqlstate | Sort-Object -Unique | Should -Be '23503'
        Test-StreamingIntegrity -Metadata $metadata -Schema circle -Quiet | Should -BeTrue
    }
}
