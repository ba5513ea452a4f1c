BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Get-StreamingGrowth' {
    BeforeAll {
        $connection = New-TestSchema 'growth'
        $null = Invoke-StreamingBatch
        $null = Invoke-StreamingBatch -Users 1 -Transactions 2 -Details 3
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'counts rows and tells growth from the ledger' {
        $growth = Get-StreamingGrowth
        $growth | Should -BeOfType StreamingPg.TableGrowth
        $growth.Table | Should -Be 'users', 'transactions', 'detailed_transactions'
        $growth.Rows | Should -Be 11, 32, 103
        $growth.LastBatch | Should -Be 1, 2, 3
        $growth.InPeriod | Should -Be 11, 32, 103
        $growth.IsEstimate | Should -Be $false, $false, $false
        $growth[0].TotalBytes | Should -BeGreaterThan 0
    }

    It 'estimates, and says so' {
        (Get-StreamingGrowth -Estimate).IsEstimate | Should -Be $true, $true, $true
    }

    It 'looks back over the period it is given' {
        Start-Sleep -Milliseconds 50
        (Get-StreamingGrowth -Period '00:00:00.001').InPeriod | Should -Be 0, 0, 0
    }

    It 'refuses a period that is none' {
        { Get-StreamingGrowth -Period 0s } | Should -Throw -ErrorId 'PeriodNotPositive,StreamingPg.Cmdlets.Commands.GetStreamingGrowthCommand'
    }

    It 'says that the tables are not there' {
        { Get-StreamingGrowth -Schema not_there } | Should -Throw -ErrorId '*,StreamingPg.Cmdlets.Commands.GetStreamingGrowthCommand'
    }
}
