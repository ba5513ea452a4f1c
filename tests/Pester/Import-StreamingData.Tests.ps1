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

    It 'round-trips what Export-Csv writes in <_>' -ForEach 'en-US', 'en-GB', 'de-DE', 'fr-FR', 'tr-TR', 'sv-SE', 'fa-IR', 'th-TH', 'ar-SA', 'ja-JP' {
        $before = [cultureinfo]::CurrentCulture
        $file = Join-Path $TestDrive "$_.csv"
        $users = New-StreamingUser -Count 20
        $transactions = $users | New-StreamingTransaction -Count 20
        try {
            [cultureinfo]::CurrentCulture = $_
            $users | Export-Csv $file
            $transactions | Export-Csv "$file.transactions"
            (Import-Csv $file | Import-StreamingData -Table users -Culture (Get-Culture)).Rows | Should -Be 20
            (Import-StreamingData -Path "$file.transactions" -Format Csv -Table transactions -Culture $_).Rows | Should -Be 20
        }
        finally {
            [cultureinfo]::CurrentCulture = $before
        }
        foreach ($user in $users) {
            # Export-Csv leaves out the fraction of the second.
            Invoke-Sql $connection "SELECT registration_date FROM import.users WHERE user_id = '$($user.UserId)'" |
                Should -Be $user.RegistrationDate.AddTicks(-($user.RegistrationDate.Ticks % 10000000))
        }
        foreach ($transaction in $transactions) {
            Invoke-Sql $connection "SELECT amount FROM import.transactions WHERE transaction_id = '$($transaction.TransactionId)'" | Should -Be $transaction.Amount
        }
    }

    It 'refuses a date that is not ISO 8601: <_>' -ForEach '03.04.2026', '1.5', '10:30', '12/5', 'May 5', '4/3/2026' {
        { @{ user_id = New-Guid; registration_date = $_ } | Import-StreamingData -Table users } |
            Should -Throw -ErrorId "ValueDoesNotFit,$command" -ExpectedMessage 'Row 1: column "registration_date"*date format*'
        Get-RowCount $connection 'users' | Should -Be 0
    }

    It 'stores properties that a script added or changed' {
        $null = Invoke-Sql $connection 'ALTER TABLE import.users ADD IF NOT EXISTS country text'
        $metadata = Join-Path $TestDrive 'country.json'
        Set-Content $metadata '{ "users": { "columns": { "user_id": { "type": "UUID", "primary_key": true }, "name": { "type": "VARCHAR(255)" }, "email": { "type": "VARCHAR(255)" }, "age": { "type": "INTEGER" }, "city": { "type": "VARCHAR(255)" }, "registration_date": { "type": "TIMESTAMP" }, "country": { "type": "TEXT", "nullable": true } } } }'
        try {
            $user = New-StreamingUser | Add-Member City Lima -Force -PassThru | Add-Member Country Peru -PassThru
            ($user, (New-StreamingUser -Seed 2) | Import-StreamingData -Metadata $metadata).Rows | Should -Be 2
            Invoke-Sql $connection "SELECT city || ' ' || country FROM import.users WHERE user_id = '$($user.UserId)'" | Should -Be 'Lima Peru'
            Invoke-Sql $connection "SELECT name FROM import.users WHERE user_id = '$($user.UserId)'" | Should -Be $user.Name
        }
        finally {
            $null = Invoke-Sql $connection 'ALTER TABLE import.users DROP country'
        }
    }

    It 'refuses in a column of text: <name>' -ForEach @(
        @{ name = 'a list'; value = @(1, 2) }, @{ name = 'a hash table'; value = @{ a = 1 } }, @{ name = 'an object'; value = [pscustomobject]@{ a = 1 } }
        @{ name = 'bytes'; value = [byte[]](1, 2) }, @{ name = 'a secure string'; value = [securestring]::new() }, @{ name = 'XML'; value = [xml]'<a>1</a>' }
        @{ name = 'nested JSON'; value = '{"a":[1]}' | ConvertFrom-Json }
    ) {
        { [pscustomobject]@{ user_id = New-Guid; name = $value } | Import-StreamingData -Table users } |
            Should -Throw -ErrorId "ValueDoesNotFit,$command" -ExpectedMessage 'Row 1: column "name"*'
    }

    It 'writes objects into jsonb, and times into text with fraction and zone' {
        $metadata = Join-Path $TestDrive 'documents.json'
        Set-Content $metadata '{ "docs": { "columns": { "id": { "type": "INTEGER", "primary_key": true }, "doc": { "type": "JSONB", "nullable": true }, "note": { "type": "TEXT", "nullable": true } } } }'
        $null = Invoke-Sql $connection 'DROP TABLE IF EXISTS import.docs'
        $null = Initialize-StreamingSchema -Metadata $metadata
        $time = [datetime]::new(2026, 4, 3, 8, 11, 12, 0, [DateTimeKind]::Utc).AddTicks(1230000)
        $rows = @(
            @{ id = 1; doc = '{"a":{"b":[1,2.50,null,"x"]}}' | ConvertFrom-Json; note = $time }
            @{ id = 2; doc = @{ list = @([pscustomobject]@{ a = 1 }, $null) }; note = [datetimeoffset]::new(2026, 4, 3, 8, 11, 12, [timespan]::FromHours(-3)) }
            @{ id = 3; doc = $null; note = '2026-04-03T08:11:12+02:00' }
        )
        ($rows | Import-StreamingData -Table docs -Metadata $metadata).Rows | Should -Be 3
        Invoke-Sql $connection 'SELECT doc::text FROM import.docs WHERE id = 1' | Should -BeIn '{"a": {"b": [1, 2.5, null, "x"]}}', '{"a": {"b": [1, 2.50, null, "x"]}}'
        Invoke-Sql $connection 'SELECT doc::text FROM import.docs WHERE id = 2' | Should -Be '{"list": [{"a": 1}, null]}'
        Invoke-Sql $connection "SELECT string_agg(note, ' ' ORDER BY id) FROM import.docs" | Should -Be '2026-04-03T08:11:12.123Z 2026-04-03T08:11:12-03:00 2026-04-03T08:11:12+02:00'

        # The help's own two ways from rejects back to rows.
        $file = Join-Path $TestDrive 'documents.jsonl'
        $null = $rows | Import-StreamingData -Table docs -Metadata $metadata -OnError Reject -RejectPath $file -WarningAction Ignore
        $texts = Invoke-Sql $connection "SELECT string_agg(d::text, ' ' ORDER BY id) FROM import.docs d"
        $null = Invoke-Sql $connection 'TRUNCATE import.docs'
        (Import-StreamingData -Path $file -Format Rejects -Metadata $metadata).Rows | Should -Be 3
        Invoke-Sql $connection "SELECT string_agg(d::text, ' ' ORDER BY id) FROM import.docs d" | Should -Be $texts
        if ($PSVersionTable.PSVersion -ge '7.5') {
            $null = Invoke-Sql $connection 'TRUNCATE import.docs'
            (Get-Content $file | ConvertFrom-Json -DateKind String | ForEach-Object values | Import-StreamingData -Table docs -Metadata $metadata).Rows | Should -Be 3
            Invoke-Sql $connection "SELECT string_agg(d::text, ' ' ORDER BY id) FROM import.docs d" | Should -Be $texts
        }
    }

    It 'reads a file as the command line does, and empty fields alike' {
        $file = Join-Path $TestDrive 'fields.csv'
        Set-Content $file "user_id;name;city`n0190a5e4-0000-7000-8000-000000000001;;`"`""
        (Import-StreamingData -Path $file -Table users -Delimiter ';').Rows | Should -Be 1
        Invoke-Sql $connection "SELECT concat(name IS NULL, city = '') FROM import.users" | Should -Be 'tt'
        $null = Import-StreamingData -Path $file -Table users -Delimiter ';' -EmptyAsNull -OnConflict Update
        Invoke-Sql $connection 'SELECT concat(name IS NULL, city IS NULL) FROM import.users' | Should -Be 'tt'
        $null = Import-Csv $file -Delimiter ';' | Import-StreamingData -Table users -EmptyAsNull -OnConflict Update
        Invoke-Sql $connection 'SELECT concat(name IS NULL, city IS NULL) FROM import.users' | Should -Be 'tt'
        { Import-StreamingData -Path $file -Table users } | Should -Throw -ErrorId "PropertyUnknown,$command" -ExpectedMessage '*-Delimiter*'
        { Import-StreamingData -Table users } | Should -Throw -ErrorId "ImportOptionInvalid,$command"
        { @{ user_id = New-Guid } | Import-StreamingData -Table users -Path $file } | Should -Throw -ErrorId "ImportOptionInvalid,$command"
    }

    It 'reads piped files, never loads one as a row' {
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive 'piped')
        Set-Content (Join-Path $folder 'a.csv') "user_id;name`n0190a5e4-0000-7000-8000-000000000001;a"
        Set-Content (Join-Path $folder 'b.csv') "user_id;name`n0190a5e4-0000-7000-8000-000000000002;b"
        (Get-ChildItem $folder -Filter *.csv | Import-StreamingData -Table users -Delimiter ';').Rows | Should -Be 2
        Invoke-Sql $connection "SELECT string_agg(name, ',' ORDER BY name) FROM import.users" | Should -Be 'a,b'
        Get-Item (Join-Path $folder 'a.csv') | Import-StreamingData -Table users -Delimiter ';' -WhatIf | Should -BeNullOrEmpty
        $null = Invoke-Sql $connection 'TRUNCATE import.users CASCADE'
        Set-Content (Join-Path $folder 'c.csv') "user_id;name`n0190a5e4-0000-7000-8000-000000000003;`"c"
        { Get-ChildItem $folder -Filter *.csv | Import-StreamingData -Table users -Delimiter ';' } |
            Should -Throw -ErrorId "InputUnfinished,$command" -ExpectedMessage '*c.csv*'
        Get-RowCount $connection 'users' | Should -Be 0
        { Get-Item $folder | Import-StreamingData -Table users } | Should -Throw -ErrorId "InputNotRow,$command" -ExpectedMessage '*-File*'
        { Get-ChildItem $folder | Select-Object -ExpandProperty FullName | Import-StreamingData -Table users } |
            Should -Throw -ErrorId "InputNotRow,$command" -ExpectedMessage '*-Path*'
        { Get-ChildItem $folder | Select-Object FullName | Import-StreamingData -Table users } | Should -Throw -ErrorId "PropertyUnknown,$command"
        { @{ user_id = New-Guid } | Import-StreamingData -Table users -Delimiter ';' } | Should -Throw -ErrorId "ImportOptionInvalid,$command"
    }

    It 'takes a time with a zone as UTC in a column without one' {
        $id = New-Guid
        @{ user_id = $id; registration_date = '2026-01-31T12:00:00+02:00' } | Import-StreamingData -Table users | ForEach-Object Rows | Should -Be 1
        Invoke-Sql $connection "SELECT registration_date::text FROM import.users WHERE user_id = '$id'" | Should -Be '2026-01-31 10:00:00'
    }

    It 'takes a DataTable, a reader and lists' {
        $table = [Data.DataTable]::new()
        $null = $table.Columns.Add('UserId', [guid]), $table.Columns.Add('Name', [string])
        $null = $table.Rows.Add((New-Guid), 'a'), $table.Rows.Add((New-Guid), [DBNull]::Value)
        ($table | Import-StreamingData -Table users).Rows | Should -Be 2
        $table.Rows[0].UserId, $table.Rows[1].UserId = [guid]::NewGuid(), [guid]::NewGuid()
        (Import-StreamingData -InputObject $table -Table users).Rows | Should -Be 2
        $table.Rows[0].UserId, $table.Rows[1].UserId = [guid]::NewGuid(), [guid]::NewGuid()
        (Import-StreamingData -InputObject $table.CreateDataReader() -Table users).Rows | Should -Be 2
        $table.Rows[0].UserId, $table.Rows[1].UserId = [guid]::NewGuid(), [guid]::NewGuid()
        ($table.CreateDataReader() | Import-StreamingData -Table users).Rows | Should -Be 2
        $list = [Collections.Generic.List[object]]::new()
        $list.Add(@{ user_id = New-Guid })
        (Import-StreamingData -InputObject $list -Table users).Rows | Should -Be 1
        Get-RowCount $connection 'users' | Should -Be 9
        { 'text' | Import-StreamingData -Table users } | Should -Throw -ErrorId "InputNotRow,$command"
    }

    It 'refuses <value> as a time of -Since and the like' -ForEach @{ value = '03.04.2026' }, @{ value = 1.5 }, @{ value = '10:30' }, @{ value = '12/5' }, @{ value = 20260131 } {
        { Get-StreamingBatch -Since $value } | Should -Throw -ExpectedMessage '*is not a time*'
        { Remove-StreamingData -Before $value -WhatIf } | Should -Throw -ExpectedMessage '*is not a time*'
        { New-StreamingUser -ReferenceTime $value } | Should -Throw -ExpectedMessage '*is not a time*'
    }
}
