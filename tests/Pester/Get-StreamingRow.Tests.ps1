BeforeAll {
    . $PSScriptRoot/Common.ps1
    $connection = New-TestSchema 'reading'
    $batch = Invoke-StreamingBatch -Users 30 -Transactions 60 -Details 90
    $null = Invoke-StreamingBatch -Users 5 -Transactions 10 -Details 10
}

AfterAll {
    Disconnect-StreamingDatabase
}

Describe 'Get-StreamingRow' {
    It 'reads all rows, with all columns and their types' {
        $rows = Get-StreamingRow users
        $rows | Should -HaveCount 35
        $rows[0].user_id | Should -BeOfType [guid]
        $rows[0].PSObject.TypeNames[0] | Should -Be 'StreamingPg.Row#users'
        (Get-StreamingRow detailed_transactions -First 1).id | Should -BeOfType [int]
    }

    It 'reads the rows of a batch, from the pipeline too' {
        Get-StreamingBatch -Last 1 | Get-StreamingRow -Table transactions | Should -HaveCount 10
        Get-StreamingRow users -BatchId $batch.BatchId | Should -HaveCount 30
        { Get-StreamingRow users -BatchId ([guid]::NewGuid()) } | Should -Throw -ErrorId 'BatchUnknown,*'
    }

    It 'says when rows of a batch were changed since' {
        $null = Invoke-Sql $connection "UPDATE reading.users SET city = 'Lima' WHERE user_id = (SELECT user_id FROM reading.users ORDER BY user_id LIMIT 1)"
        $rows = Get-StreamingRow users -BatchId $batch.BatchId -WarningVariable warnings -WarningAction SilentlyContinue
        $rows | Should -HaveCount 29
        "$warnings" | Should -Match 'loaded 30 rows into "users", of which 29 are found'
    }

    It 'reads by key, and says which rows do not exist' {
        $keys = (Get-StreamingRow users -First 3).user_id
        (Get-StreamingRow users -Key $keys -WarningVariable warnings).user_id | Sort-Object | Should -Be ($keys | Sort-Object)
        $warnings | Should -BeNullOrEmpty
        $null = Get-StreamingRow users -Key ([guid]::NewGuid()) -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -Match '0 of the 1 rows'
    }

    It 'picks a sample, the same one for a seed' {
        $first = Get-StreamingRow users -Sample 5 -Seed 42
        $first | Should -HaveCount 5
        (Get-StreamingRow users -Sample 5 -Seed 42).user_id | Should -Be $first.user_id
    }

    It 'refuses what excludes each other' {
        { Get-StreamingRow users -Sample 5 -First 5 } | Should -Throw -ErrorId 'RowFilterInvalid,*'
        { Get-StreamingRow users -Seed 5 } | Should -Throw -ErrorId 'RowFilterInvalid,*'
        { Get-StreamingRow shoes } | Should -Throw -ErrorId 'TableUnknown,*'
    }

    It 'streams: a command behind it that has enough ends it' {
        Get-StreamingRow transactions | Select-Object -First 2 | Should -HaveCount 2
    }

    It 'gives rows that can be imported again' {
        $rows = Get-StreamingRow users -First 2
        $null = New-TestSchema 'reading_again'
        try {
            ($rows | Import-StreamingData).Rows | Should -Be 2
        }
        finally {
            $null = Connect-StreamingDatabase -Schema reading
        }
    }
}
