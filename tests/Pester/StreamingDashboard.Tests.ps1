BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Start-StreamingDashboard' {
    BeforeAll {
        $connection = New-TestSchema 'dashboard'
        $null = Invoke-StreamingBatch
    }

    AfterAll {
        Stop-StreamingDashboard
        Disconnect-StreamingDatabase
    }

    It 'serves a page at the loopback address, to who has the link' {
        $dashboard = Start-StreamingDashboard
        $dashboard | Should -BeOfType StreamingPg.StreamingDashboard
        $dashboard.Link.IsLoopback | Should -BeTrue
        (Invoke-WebRequest $dashboard.Link).Content | Should -BeLike '*<title>StreamingPg live</title>*'
        { Invoke-WebRequest "http://$($dashboard.Link.Authority)/" } | Should -Throw
        $dashboard.AllowControl | Should -BeFalse
    }

    It 'stops the one that is piped, or all' {
        $one, $other = 1..2 | ForEach-Object { Start-StreamingDashboard }
        $one | Stop-StreamingDashboard
        { Invoke-WebRequest $one.Link } | Should -Throw
        (Invoke-WebRequest $other.Link).StatusCode | Should -Be 200
        Stop-StreamingDashboard
        { Invoke-WebRequest $other.Link } | Should -Throw
    }

    It 'names a port that is in use, and a schema without tables' {
        $dashboard = Start-StreamingDashboard
        { Start-StreamingDashboard -ListenPort $dashboard.Port } | Should -Throw -ErrorId 'DashboardNotStarted,*'
        { Start-StreamingDashboard -Schema 'nothing-here' } | Should -Throw -ErrorId '*NotFound,*'
    }

    It 'pauses and stops a stream that runs in a job of the session' {
        $dashboard = Start-StreamingDashboard -AllowControl -Interval 100ms
        $job = Invoke-StreamingBatch -Continuous -Interval 50ms -AsJob
        try {
            $client = [Net.Http.HttpClient]::new()
            $reader = [IO.StreamReader]::new($client.GetStreamAsync([uri]::new($dashboard.Link, 'events')).GetAwaiter().GetResult())
            do {
                $line = $reader.ReadLine()
            } until ($line -match 'data-action=\\u0022(\d+)/pause')
            $id = $Matches[1]
            foreach ($action in 'pause', 'resume', 'stop') {
                $null = Invoke-RestMethod -Method Post ([uri]::new($dashboard.Link, "streams/$id/$action")) -Headers @{ 'X-StreamingPg' = 'test' }
            }
            $null = $job | Wait-Job -Timeout 120
            $job.State | Should -Be 'Completed'
        }
        finally {
            $reader.Dispose()
            $client.Dispose()
            Remove-Job $job -Force
        }
    }
}
