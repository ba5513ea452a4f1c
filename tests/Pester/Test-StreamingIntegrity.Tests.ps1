BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Test-StreamingIntegrity' {
    BeforeEach {
        $connection = New-TestSchema 'integrity'
        $null = Invoke-StreamingBatch
    }

    AfterEach {
        Disconnect-StreamingDatabase
    }

    It 'passes what a batch loaded' {
        $results = Test-StreamingIntegrity
        $results[0] | Should -BeOfType StreamingPg.IntegrityResult
        $results | Where-Object Status -In Broken, Error | Should -BeNullOrEmpty
        Test-StreamingIntegrity -Quiet | Should -Be $true
    }

    It 'finds a planted orphan and shows its key' {
        $null = Invoke-Sql $connection @'
            ALTER TABLE integrity.transactions DROP CONSTRAINT transactions_user_id_fkey;
            UPDATE integrity.transactions SET user_id = gen_random_uuid()
            WHERE transaction_id = (SELECT min(transaction_id::text)::uuid FROM integrity.transactions)
'@
        $found = Test-StreamingIntegrity | Where-Object { $_.Status -eq 'Broken' -and $_.Check -like 'ForeignKey transactions.user_id*' }
        $found.Count | Should -Be 1
        $found.Severity | Should -Be 'Error'
        $found.SampleKeys | Should -HaveCount 1
        Test-StreamingIntegrity -Quiet | Should -Be $false
    }

    It 'runs the checks that are named, and refuses a name that no check has' {
        $results = Test-StreamingIntegrity 'foreignkey *', 'Sequence*'
        $results.Check -like 'ForeignKey *' | Should -HaveCount 3
        $results.Check -like 'Sequence *' | Should -HaveCount 1
        $results | Should -HaveCount 4
        { Test-StreamingIntegrity -Check 'ForeignKeys*' -Quiet } |
            Should -Throw -ErrorId 'NoSuchCheck,StreamingPg.Cmdlets.Commands.TestStreamingIntegrityCommand'
    }

    It 'counts a broken business rule as a warning' {
        $null = Invoke-Sql $connection 'UPDATE integrity.detailed_transactions SET quantity = 0 WHERE id = 1'
        $found = Test-StreamingIntegrity | Where-Object Status -In Broken, Error
        $found.Severity | Sort-Object -Unique | Should -Be 'Warning'
        Test-StreamingIntegrity -Quiet | Should -Be $true
    }

    It 'checks only the rows of the batches that are piped, or of those since a time' {
        $null = Invoke-Sql $connection 'UPDATE integrity.users SET age = 200'
        $null = Invoke-StreamingBatch -ExistingRatio 0
        Get-StreamingBatch -Last 1 | Test-StreamingIntegrity -Parallel 3 | Where-Object Status -EQ 'Broken' | Should -BeNullOrEmpty
        (Get-StreamingBatch | Test-StreamingIntegrity | Where-Object Status -EQ 'Broken').Check | Should -Be 'Range users.age'
        Test-StreamingIntegrity -Since (Get-Date).AddDays(1) -Check 'Range *' | ForEach-Object Status | Sort-Object -Unique | Should -Be 'NothingToCheck'
        Get-StreamingBatch -Since (Get-Date).AddDays(1) | Test-StreamingIntegrity | Should -BeNullOrEmpty
    }

    It 'says that the tables are not there' {
        { Test-StreamingIntegrity -Schema not_there } | Should -Throw -ErrorId '*,StreamingPg.Cmdlets.Commands.TestStreamingIntegrityCommand'
    }
}
