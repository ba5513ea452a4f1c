BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Remove-StreamingData' {
    BeforeAll {
        $connection = New-TestSchema 'retention'
        $null = Invoke-StreamingBatch -Users 100 -Transactions 300 -Details 500
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'counts with -WhatIf and removes nothing' {
        $counted = Remove-StreamingData -OlderThan 15.00:00:00 -WhatIf
        $counted | Should -BeOfType StreamingPg.RemovalResult
        $counted.Table | Should -Be 'detailed_transactions', 'transactions', 'users'
        $counted.CountedOnly | Should -Be $true, $true, $true
        $counted[0].Removed | Should -BeGreaterThan 0
        Get-RowCount $connection 'users' | Should -Be 100
        Get-RowCount $connection 'detailed_transactions' | Should -Be 500
    }

    It 'asks before it removes' {
        # Nobody is there to answer.
        $output = Invoke-FreshPowerShell "Import-Module '$manifest'; Remove-StreamingData -Schema retention -OlderThan 15.00:00:00" | Out-String
        $output | Should -Match 'NonInteractive'
        Get-RowCount $connection 'users' | Should -Be 100
    }

    It 'removes what was counted, children before parents' {
        $before = (Get-Date).AddDays(-15)
        $counted = Remove-StreamingData -Before $before -WhatIf
        $log = Join-Path $global:StreamingPgTestFolder 'removal.jsonl'
        $removed = Remove-StreamingData -Before $before -Confirm:$false -ChunkSize 50 -LogPath $log
        $removed.Removed | Should -Be $counted.Removed
        $removed.Kept | Should -Be $counted.Kept
        $removed[0].Before | Should -Be $before.ToUniversalTime()
        Get-RowCount $connection 'transactions' | Should -Be (300 - $removed[1].Removed)
        (Get-Content $log | ConvertFrom-Json).event | Should -Contain 'rows-removed'
        Test-StreamingIntegrity -Quiet | Should -BeTrue
        (Get-StreamingGrowth).InPeriod | Should -Be 100, 300, 500
    }

    It 'goes by the metadata when nothing is asked' {
        { Remove-StreamingData -Confirm:$false } | Should -Throw -ErrorId 'RetentionNotGiven,*'
        $path = Join-Path $global:StreamingPgTestFolder 'retention.json'
        '{"users": {"retention": "30 days", "columns": {"user_id": {"type": "UUID", "primary_key": true}, "registration_date": {"type": "TIMESTAMP"}}}}' |
            Set-Content $path
        $users = Remove-StreamingData -Metadata $path -WhatIf
        $users.Before | Should -BeLessThan ([datetime]::UtcNow.AddDays(-29))
        { Remove-StreamingData -OlderThan 1d -Before 2026-01-01 } | Should -Throw -ErrorId 'RetentionOptionInvalid,*'
    }

    It 'is applied by a stream as it goes' {
        $null = Invoke-StreamingBatch -Continuous -BatchesPerSecond 20 -MaxBatches 40 -Retention 1s -Force -InformationVariable summary 6> $null
        $summary.MessageData.RowsRemoved | Should -BeGreaterThan 0
        Test-StreamingIntegrity -Quiet | Should -BeTrue
    }
}
