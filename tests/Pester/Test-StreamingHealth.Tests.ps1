BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Test-StreamingHealth' {
    BeforeAll {
        $connection = New-TestSchema 'health'
        $null = Invoke-StreamingBatch
        # How fast this machine is, and how full its disk, is not what is tested.
        $machine = @{ Connection = 1000, 1000; FreeDisk = 0, 0 }
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'gives one object per check and object' {
        $results = Test-StreamingHealth -Schedule 1.00:00:00 -Threshold $machine
        $results | Should -BeOfType StreamingPg.HealthResult
        $results.Check | Should -Contain 'SequenceDays'
        ($results | Where-Object Check -EQ DeadRows).Object | Should -Be 'users', 'transactions', 'detailed_transactions', 'batch_ledger'
        $results | Where-Object Status -NE Ok | Should -BeNullOrEmpty
        Test-StreamingHealth -Schedule 1.00:00:00 -Threshold $machine -Quiet | Should -BeTrue
    }

    It 'goes by thresholds from parameter and file' {
        $file = Join-Path $TestDrive 'thresholds.json'
        '{"Connections": [0, 1], "SequenceUsed": [0, 0]}' | Set-Content $file
        $results = Test-StreamingHealth -Schedule 1.00:00:00 -ThresholdPath $file -Threshold @{ Connections = 0, 0 }
        ($results | Where-Object Check -EQ Connections).Status | Should -Be 'Critical'
        ($results | Where-Object Check -EQ SequenceUsed).Status | Should -Be 'Critical'
        Test-StreamingHealth -ThresholdPath $file -Quiet | Should -BeFalse
    }

    It 'names a planted fault and what to do' {
        $null = Invoke-Sql $connection "SELECT setval('health.detailed_transactions_id_seq', 2147483640)"
        $found = Test-StreamingHealth | Where-Object Check -EQ SequenceDays
        $found.Status | Should -Be 'Critical'
        $found.Value | Should -BeLessThan 1
        $found.Advice | Should -Match 'bigint'
        $null = Invoke-Sql $connection "SELECT setval('health.detailed_transactions_id_seq', 100)"
    }

    It 'takes a server that does not answer as a result' {
        $results = @(Test-StreamingHealth -ConnectionString 'Host=127.0.0.1;Port=1;Timeout=2')
        $results.Count | Should -Be 1
        $results[0].Status | Should -Be 'Critical'
    }

    It 'refuses thresholds that make no sense' {
        { Test-StreamingHealth -Threshold @{ NoSuchCheck = 1, 2 } } |
            Should -Throw -ErrorId 'UnknownHealthCheck,StreamingPg.Cmdlets.Commands.TestStreamingHealthCommand'
        { Test-StreamingHealth -Threshold @{ Bloat = 1 } } | Should -Throw -ErrorId 'InvalidThreshold,*'
        { Test-StreamingHealth -Threshold @{ Bloat = 2, 1 } } | Should -Throw -ErrorId 'InvalidThreshold,*'
        { Test-StreamingHealth -Schedule 0s } | Should -Throw -ErrorId 'PeriodNotPositive,*'
    }

    It 'fits a terminal of 100 columns' {
        $text = Test-StreamingHealth -Schedule 1.00:00:00 | Out-String -Width 100
        $text | Should -Match 'SequenceDays +> 10 years +detailed_transactions\.id'
    }
}
