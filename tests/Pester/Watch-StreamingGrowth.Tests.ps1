BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Watch-StreamingGrowth' {
    BeforeAll {
        $connection = New-TestSchema 'watch'
        $null = Invoke-StreamingBatch
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'gives plain objects when they go on in the pipeline' {
        $rates = Watch-StreamingGrowth -Interval 10ms -Count 3 | Where-Object Table -EQ users
        $rates | Should -BeOfType StreamingPg.TableRate
        $rates.Count | Should -Be 3
        $rates[2].RecentRates.Count | Should -Be 2
    }

    It 'sees what is loaded meanwhile' {
        $rates = Watch-StreamingGrowth -Interval 10ms -Count 2 | ForEach-Object {
            if ($_.Table -eq 'detailed_transactions' -and $_.Elapsed -eq [timespan]::Zero) {
                $null = Invoke-StreamingBatch
            }
            $_
        }
        $rates[3..5].Delta | Should -Be 10, 30, 100
    }

    It 'counts with -Exact' {
        $rates = Watch-StreamingGrowth -Exact -Count 1
        $rates.Rows | Should -Be 20, 60, 200
        $rates.IsEstimate | Should -Be $false, $false, $false
    }

    It 'ends when the pipeline has enough, and after -Duration' {
        @(Watch-StreamingGrowth -Interval 10ms | Select-Object -First 4).Count | Should -Be 4
        @(Watch-StreamingGrowth -Interval 1h -Duration 00:00:01).Count | Should -Be 3
    }

    It 'writes no terminal codes into a file' {
        $file = Join-Path $TestDrive 'watch.txt'
        Watch-StreamingGrowth -Interval 10ms -Count 2 > $file
        Get-Content -Raw $file | Should -Not -Match "`e\["
        Get-Content -Raw $file | Should -Match 'detailed_transactions'
    }
}
