BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Get-StreamingUserActivity' {
    BeforeAll {
        $connection = New-TestSchema 'activity'
        $null = Invoke-StreamingBatch -Users 20 -Transactions 100 -Details 300
        $null = Invoke-Sql $connection "INSERT INTO activity.users (user_id, name) VALUES (gen_random_uuid(), 'Nobody')"
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'gives the busiest users first' {
        $users = Get-StreamingUserActivity
        $users | Should -BeOfType StreamingPg.UserActivity
        $users.Count | Should -Be 10
        $users.TransactionCount | Should -Be ($users.TransactionCount | Sort-Object -Descending)
    }

    It 'counts users without transactions, but for an average' {
        $users = Get-StreamingUserActivity -Top 1000 -SortBy TotalAmount
        $users.Count | Should -Be 21
        ($users | Measure-Object TransactionCount -Sum).Sum | Should -Be 100
        ($users | Where-Object Name -EQ Nobody).TotalAmount | Should -BeNullOrEmpty
        (Get-StreamingUserActivity -Top 1000 -SortBy AverageValue).Name | Should -Not -Contain 'Nobody'
    }

    It 'goes by transaction_date' {
        (Get-StreamingUserActivity -Since (Get-Date).AddDays(1) | Measure-Object TransactionCount -Sum).Sum | Should -Be 0
    }

    It 'refuses another model' {
        $model = Join-Path $TestDrive 'model.json'
        '{"things": {"columns": {"id": {"type": "INTEGER", "primary_key": true}}}}' | Set-Content $model
        { Get-StreamingUserActivity -Metadata $model } |
            Should -Throw -ErrorId 'NotAShop,StreamingPg.Cmdlets.Commands.GetStreamingUserActivityCommand'
    }
}
