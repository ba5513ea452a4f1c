BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Invoke-StreamingBatch -Continuous' {
    BeforeAll {
        $connection = New-TestSchema 'stream'
        function Get-BatchCount { Get-RowCount $connection 'batch_ledger' }
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'emits a result per batch and a summary as information' {
        $before = Get-BatchCount
        $results = Invoke-StreamingBatch -Continuous -BatchesPerSecond 20 -MaxBatches 5 -InformationVariable summary 6> $null
        $results | Should -BeOfType StreamingPg.BatchResult
        $results.Count | Should -Be 5
        Get-BatchCount | Should -Be ($before + 5)
        $summary.MessageData.Batches | Should -Be 5
        $summary.MessageData.StopReason | Should -Be 'MaxBatches'
    }

    It 'ends by rows and by time' {
        @(Invoke-StreamingBatch -Continuous -RowsPerSecond 2000 -MaxRows 400 6> $null).Count | Should -Be 3
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $null = Invoke-StreamingBatch -Continuous -Interval 00:00:00.1 -Duration 00:00:01 -Arrival Poisson -Seed 1 6> $null
        $clock.Elapsed.TotalSeconds | Should -BeGreaterThan 0.9
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 4
    }

    It 'runs as a job whose results arrive while it runs' {
        $job = Invoke-StreamingBatch -Continuous -Interval 00:00:00.1 -AsJob
        try {
            (Get-Job -Id $job.Id).PSJobTypeName | Should -Be 'StreamingBatch'
            $job.State | Should -Be 'Running'
            $patience = [datetime]::UtcNow.AddSeconds(20)
            while (-not ($first = @(Receive-Job $job)) -and [datetime]::UtcNow -lt $patience) { Start-Sleep -Milliseconds 100 }
            $first[0] | Should -BeOfType StreamingPg.BatchResult
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            Stop-Job $job
            $clock.Elapsed | Should -BeLessThan ([timespan]::FromSeconds(5))
            (Wait-Job $job).State | Should -Be 'Stopped'
        }
        finally {
            Remove-Job $job -Force
        }
        Test-StreamingIntegrity -Quiet | Should -BeTrue
    }

    It 'leaves a failed job with its error' {
        $job = Invoke-StreamingBatch -Continuous -Schema no_such_schema -AsJob | Wait-Job
        $job.State | Should -Be 'Failed'
        { Receive-Job $job -ErrorAction Stop } | Should -Throw '*Initialize-StreamingSchema*'
        Remove-Job $job
    }

    It 'stops within five seconds and reports every batch that it committed' {
        $before = Get-BatchCount
        $inner = [powershell]::Create()
        try {
            $null = $inner.AddScript("Import-Module '$manifest'; Invoke-StreamingBatch -Schema stream -Continuous -BatchesPerSecond 50")
            $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
            $null = $inner.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output)
            $patience = [datetime]::UtcNow.AddSeconds(20)
            while ($output.Count -lt 5 -and [datetime]::UtcNow -lt $patience) { Start-Sleep -Milliseconds 50 }
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            $inner.Stop()
            $clock.Elapsed | Should -BeLessThan ([timespan]::FromSeconds(5))
        }
        finally {
            $inner.Dispose()
        }
        # A stopped pipeline takes no more output: the batch in hand may be committed and not emitted.
        (Get-BatchCount) - $before - $output.Count | Should -BeIn 0, 1
        Test-StreamingIntegrity -Quiet | Should -BeTrue
    }

    It 'logs JSON lines without secrets' {
        $log = Join-Path $global:StreamingPgTestFolder 'stream.jsonl'
        $null = Invoke-StreamingBatch -Continuous -BatchesPerSecond 20 -MaxBatches 2 -LogPath $log 6> $null
        $events = Get-Content $log | ConvertFrom-Json
        $events.event | Should -Be 'stream-started', 'batch-committed', 'batch-committed', 'stream-stopped'
        $events[1].rows | Should -Be 140
        # The last field of PostgreSQL's password file.
        $secret = (Get-Content (Join-Path $env:STREAMINGPG_SERVER_PATH 'pgpass') | Select-Object -First 1).Split(':')[-1]
        $secret | Should -Not -BeNullOrEmpty
        Get-Content -Raw $log | Should -Not -Match ([regex]::Escape($secret))
    }

    It 'refuses parameters of a stream without -Continuous' {
        { Invoke-StreamingBatch -MaxBatches 3 } | Should -Throw -ErrorId 'NeedsContinuous,*'
        { Invoke-StreamingBatch -Continuous -Interval 00:00:01 -BatchesPerSecond 1 } | Should -Throw -ErrorId 'StreamOptionInvalid,*'
        { Invoke-StreamingBatch -Continuous -BatchId (New-Guid) } | Should -Throw -ErrorId 'StreamOptionInvalid,*'
    }

    It 'shows the plan with -WhatIf' {
        Invoke-StreamingBatch -Continuous -WhatIf | Should -BeNullOrEmpty
    }

    It 'ends when somebody changes the tables, or goes on where its rows still fit' {
        $change = { if ($_.BatchNumber % 2) { $null = Invoke-Sql $connection "ALTER TABLE stream.users ADD COLUMN note$($_.BatchNumber) text" } }
        $given = @{ Continuous = $true; BatchesPerSecond = 5; MaxBatches = 4; OnSchemaChange = 'Adapt' }
        @(Invoke-StreamingBatch @given -WarningVariable warnings -WarningAction Ignore 6> $null | ForEach-Object { & $change; $_ }).Count | Should -Be 4
        "$warnings" | Should -Match 'note\d+.* was added'
        { Invoke-StreamingBatch -Continuous -BatchesPerSecond 5 -MaxBatches 4 6> $null | ForEach-Object $change } |
            Should -Throw -ErrorId 'TablesChanged,*'
    }
}
