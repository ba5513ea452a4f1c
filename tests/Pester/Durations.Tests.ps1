BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    $durations = foreach ($command in Get-Command -Module StreamingPg) {
        foreach ($parameter in $command.Parameters.Values) {
            if (($parameter.ParameterType -as [type]) -in [timespan], [System.Nullable[timespan]]) {
                @{ Command = $command.Name; Parameter = $parameter.Name }
            }
        }
    }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'A duration' {
    It 'is what <_> parameters take' -ForEach @($durations.Count) {
        $_ | Should -BeGreaterOrEqual 18
    }

    It '-<Parameter> of <Command> has a unit' -ForEach $durations {
        foreach ($bare in 30, '30', 30.5, 0, 30d) {
            # (30d as a value, not as the word that was typed, is a decimal number.)
            $arguments = @{ $Parameter = $bare }
            { & $Command @arguments -ErrorAction Stop } |
                Should -Throw -ErrorId 'ParameterArgumentTransformationError,*' -ExpectedMessage '*has no unit*90s*30d*'
        }
    }

    It 'may be typed without quotes' {
        $connection = New-TestSchema 'durations'
        try {
            # 90s is a short and 30d a decimal number to PowerShell.
            (Get-StreamingGrowth -Period 90s)[0].Period | Should -Be ([timespan]::FromSeconds(90))
            (Get-StreamingGrowth -Period 30d)[0].Period | Should -Be ([timespan]::FromDays(30))
            (Get-StreamingGrowth -Period 12h)[0].Period | Should -Be ([timespan]::FromHours(12))
            (Get-StreamingGrowth -Period 24:00:00)[0].Period | Should -Be ([timespan]::FromHours(24))
            (Get-StreamingGrowth -Period P30D)[0].Period | Should -Be ([timespan]::FromDays(30))
            (Get-StreamingGrowth -Period (New-TimeSpan -Hours 2))[0].Period | Should -Be ([timespan]::FromHours(2))
        }
        finally {
            Disconnect-StreamingDatabase
        }
    }
}

Describe 'A retention below a minute' {
    BeforeAll {
        $connection = New-TestSchema 'short_retention'
        $null = Invoke-StreamingBatch
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'removes nothing without -Force' {
        { Remove-StreamingData -OlderThan 59s -Confirm:$false } | Should -Throw -ErrorId 'RetentionTooShort,*'
        { Remove-StreamingData -OlderThan ([timespan] 30) -Confirm:$false } | Should -Throw -ErrorId 'RetentionTooShort,*'
        { Invoke-StreamingBatch -Continuous -MaxBatches 1 -Retention 59s -InformationAction Ignore } |
            Should -Throw -ErrorId 'RetentionTooShort,*'
        Get-RowCount $connection 'users' | Should -Be 10
    }

    It 'is taken with -Force' {
        (Remove-StreamingData -OlderThan 1s -Force -Confirm:$false).Removed | Measure-Object -Sum | ForEach-Object Sum | Should -Be 140
    }
}
