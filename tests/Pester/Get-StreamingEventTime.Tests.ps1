BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Get-StreamingEventTime' {
    BeforeAll {
        $connection = New-TestSchema 'event'
        $null = Invoke-StreamingBatch -Users 20 -Transactions 100 -Details 300
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'counts every event once, whatever it groups by' -ForEach 'Weekday', 'Time', 'Lateness' {
        $counts = Get-StreamingEventTime transactions -By $_
        $counts | Should -BeOfType StreamingPg.EventTimeCount
        ($counts | Measure-Object Events -Sum).Sum | Should -Be 100
    }

    It 'gives weekdays with the hours that the table has' {
        $days = Get-StreamingEventTime -Table transactions
        $days.Group | Should -Be 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'
        $days[2].Hours[11] | Should -Be (Invoke-Sql $connection (
                'SELECT count(*) FROM event.transactions WHERE extract(isodow FROM transaction_date) = 3 AND extract(hour FROM transaction_date) = 11'))
    }

    It 'sets events beside loads' {
        ((Get-StreamingEventTime transactions -By Time).Loaded | Measure-Object -Sum).Sum | Should -Be 100
    }

    It 'chooses the largest table whose events happen by themselves' {
        (Get-StreamingEventTime).Table | Select-Object -Unique | Should -Be 'transactions'
    }

    It 'counts what lies between two times' {
        (Get-StreamingEventTime -Since (Get-Date).AddDays(1)).Events | Measure-Object -Sum | ForEach-Object Sum | Should -Be 0
        Get-StreamingEventTime -By Time -Since (Get-Date).AddDays(1) | Should -BeNullOrEmpty
    }

    It 'names what it cannot count' {
        { Get-StreamingEventTime nowhere } | Should -Throw -ErrorId 'TableUnknown,StreamingPg.Cmdlets.Commands.GetStreamingEventTimeCommand'
    }

    It 'fits 80 columns' {
        $text = Get-StreamingEventTime | Out-String -Width 80
        $text | Should -Match 'Mon .*[\u2581-\u2588]{24}'
        $text | Should -Not -Match '\u2026'
    }
}
