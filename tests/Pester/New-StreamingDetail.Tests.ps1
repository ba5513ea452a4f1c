BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'New-StreamingDetail' {
    BeforeAll {
        $users = New-StreamingUser -Count 10
        $transactions = $users | New-StreamingTransaction -Count 30
    }

    It 'makes <_> lines of the given transactions' -ForEach 0, 1, 29, 100 {
        $lines = @($transactions | New-StreamingDetail -Count $_)
        $lines.Count | Should -Be $_
        foreach ($line in $lines) {
            $parent = $transactions | Where-Object TransactionId -EQ $line.TransactionId
            $line.UserId | Should -Be $parent.UserId
            $line.CreatedAt | Should -Not -BeLessThan $parent.TransactionDate
            $line.Quantity | Should -BeGreaterThan 0
        }
    }

    It 'sets the amount of a transaction to the sum of its lines' {
        $all = $transactions | New-StreamingDetail -Count 100 -PassThru
        $lines = $all | Where-Object { $_ -is [StreamingPg.StreamingDetail] } | Group-Object TransactionId -AsHashTable
        $passed = $all | Where-Object { $_ -is [StreamingPg.StreamingTransaction] }
        $passed | Should -HaveCount 30
        foreach ($transaction in $passed | Where-Object { $lines.ContainsKey($_.TransactionId) }) {
            $sum = ($lines[$transaction.TransactionId] | ForEach-Object { $_.Quantity * $_.UnitPrice } | Measure-Object -Sum).Sum
            $transaction.Amount | Should -Be $sum
        }
    }

    It 'passes users on, and nothing without -PassThru' {
        $all = New-StreamingUser -Count 2 | New-StreamingTransaction -Count 3 -PassThru | New-StreamingDetail -Count 4 -PassThru
        $all.ForEach{ $_.GetType().Name } | Group-Object | ForEach-Object { "$($_.Name) $($_.Count)" } | Sort-Object |
            Should -Be 'StreamingDetail 4', 'StreamingTransaction 3', 'StreamingUser 2'
        $lines = New-StreamingUser -Count 2 | New-StreamingTransaction -Count 3 -PassThru | New-StreamingDetail -Count 4
        $lines.ForEach{ $_.GetType().Name } | Sort-Object -Unique | Should -Be 'StreamingDetail'
    }

    It 'picks transactions of the database' {
        $null = New-TestSchema 'new_detail'
        $null = Invoke-StreamingBatch
        New-StreamingDetail -Existing -Count 20 | Import-StreamingData | ForEach-Object Rows | Should -Be 20
        Test-StreamingIntegrity -Quiet | Should -BeTrue
        Disconnect-StreamingDatabase
    }

    It 'refuses to make lines of nothing' {
        { New-StreamingDetail -Count 1 } | Should -Throw -ErrorId '*,StreamingPg.Cmdlets.Commands.NewStreamingDetailCommand'
    }
}
