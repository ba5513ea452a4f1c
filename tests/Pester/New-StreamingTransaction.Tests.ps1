BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'New-StreamingTransaction' {
    It 'makes <_> transactions of the given users' -ForEach 0, 1, 300 {
        $users = New-StreamingUser -Count 10
        $transactions = @($users | New-StreamingTransaction -Count $_)
        $transactions.Count | Should -Be $_
        $transactions | Where-Object { $_.UserId -notin $users.UserId } | Should -BeNullOrEmpty
        foreach ($transaction in $transactions) {
            $transaction.TransactionDate | Should -Not -BeLessThan ($users | Where-Object UserId -EQ $transaction.UserId).RegistrationDate
        }
    }

    It 'takes users as an argument too' {
        New-StreamingTransaction -User (New-StreamingUser -Count 3) -Count 5 | Should -HaveCount 5
    }

    It 'passes the users on' {
        $all = New-StreamingUser -Count 2 | New-StreamingTransaction -Count 3 -PassThru
        $all.ForEach{ $_.GetType().Name } | Should -Be (@('StreamingUser') * 2 + @('StreamingTransaction') * 3)
    }

    It 'picks users of the database' {
        $connection = New-TestSchema 'new_transaction'
        $users = New-StreamingUser -Count 20
        $null = $users | Import-StreamingData
        $transactions = New-StreamingTransaction -Existing -Count 50
        $transactions | Should -HaveCount 50
        $transactions | Where-Object { $_.UserId -notin $users.UserId } | Should -BeNullOrEmpty
        Disconnect-StreamingDatabase
        New-StreamingTransaction -Existing -Connection (Connect-StreamingDatabase -Schema 'new_transaction') -Count 1 | Should -HaveCount 1
        Disconnect-StreamingDatabase
    }

    It 'refuses to make transactions of nobody' {
        { New-StreamingTransaction -User @() -Count 1 } | Should -Throw -ErrorId '*,StreamingPg.Cmdlets.Commands.NewStreamingTransactionCommand'
        { 'text' | New-StreamingTransaction -ErrorAction Stop } | Should -Throw -ErrorId 'InputObjectNotBound,StreamingPg.Cmdlets.Commands.NewStreamingTransactionCommand'
    }
}
