BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Get-StreamingLikeness' {
    BeforeAll {
        $null = New-TestSchema 'likereal'
        $null = Invoke-StreamingBatch -Users 50 -Transactions 200 -Details 400 -Seed 1
        $null = New-TestSchema 'likefake'
        $null = Invoke-StreamingBatch -Users 50 -Transactions 200 -Details 400 -Seed 1
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'finds the same rows the same, and ends with the average' {
        $results = Get-StreamingLikeness likereal
        $results | Should -BeOfType StreamingPg.ColumnLikeness
        $results | ForEach-Object Likeness | Should -Be @(@(1.0) * $results.Count)
        $results[-1].Measure | Should -Be 'Overall'
        $results | Where-Object Measure -EQ Children | ForEach-Object { "$($_.Table).$($_.Column)" } |
            Should -Be 'transactions.user_id', 'detailed_transactions.transaction_id', 'detailed_transactions.user_id'
    }

    It 'takes tables from the pipeline' {
        $results = Get-StreamingGrowth | Where-Object Table -NE detailed_transactions | Get-StreamingLikeness -Against likereal
        $results.Table | Select-Object -Unique | Should -Be 'users', 'transactions', ''
    }

    It 'compares one table with another of the same schema' {
        (Get-StreamingLikeness likefake.transactions -Table detailed_transactions).Column | Should -Contain 'user_id'
    }

    It 'names what it cannot compare' {
        { Get-StreamingLikeness likefake } | Should -Throw -ErrorId 'NothingToCompare,StreamingPg.Cmdlets.Commands.GetStreamingLikenessCommand'
        { Get-StreamingLikeness likereal.nothing } | Should -Throw -ErrorId 'TableNotFound,*'
    }

    It 'fits 80 columns' {
        $text = Get-StreamingLikeness likereal | Out-String -Width 80
        $text | Should -Match '100 % Overall +all columns'
        $text | Should -Not -Match '\u2026'
    }
}
