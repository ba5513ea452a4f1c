BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Invoke-StreamingBatch -Continuous' {
    BeforeAll {
        $connection = New-TestSchema 'stream'
        function Get-BatchCount { Invoke-Sql $connection "SELECT count(*) FROM stream.batch_ledger WHERE kind = 'batch'" }
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
        Test-InTime $clock.Elapsed 4 | Should -BeTrue
    }

    It 'runs as a job whose results arrive while it runs' {
        $job = Invoke-StreamingBatch -Continuous -Interval 00:00:00.1 -AsJob
        try {
            (Get-Job -Id $job.Id).PSJobTypeName | Should -Be 'StreamingBatch'
            $job.State | Should -Be 'Running'
            $patience = [datetime]::UtcNow.AddSeconds(120)
            while (-not ($first = @(Receive-Job $job)) -and [datetime]::UtcNow -lt $patience) { Start-Sleep -Milliseconds 100 }
            $first[0] | Should -BeOfType StreamingPg.BatchResult
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            Stop-Job $job
            Test-InTime $clock.Elapsed | Should -BeTrue
            (Wait-Job $job -Timeout 120).State | Should -Be 'Stopped'
        }
        finally {
            Remove-Job $job -Force
        }
        Test-StreamingIntegrity -Quiet | Should -BeTrue
    }

    It 'leaves a failed job with its error' {
        $job = Invoke-StreamingBatch -Continuous -Schema no_such_schema -AsJob | Wait-Job -Timeout 120
        $job.State | Should -Be 'Failed'
        { Receive-Job $job -ErrorAction Stop } | Should -Throw '*Initialize-StreamingSchema*'
        Remove-Job $job
    }

    It 'stops within five seconds and reports every batch that it committed' {
        $log = Join-Path $global:StreamingPgTestFolder 'stopped.jsonl'
        $last = Invoke-Sql $connection 'SELECT max(batch_number) FROM stream.batch_ledger'
        $inner = [powershell]::Create()
        try {
            $null = $inner.AddScript("Import-Module '$manifest'; Invoke-StreamingBatch -Schema stream -Continuous -BatchesPerSecond 50 -LogPath '$log'")
            $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
            $null = $inner.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output)
            $patience = [datetime]::UtcNow.AddSeconds(120)
            while ($output.Count -lt 5 -and [datetime]::UtcNow -lt $patience) { Start-Sleep -Milliseconds 50 }
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            $inner.Stop()
            Test-InTime $clock.Elapsed | Should -BeTrue
        }
        finally {
            $inner.Dispose()
        }
        $committed = @(Invoke-StreamingQuery "SELECT batch_id FROM stream.batch_ledger WHERE kind = 'batch' AND batch_number > $last ORDER BY batch_number").batch_id
        @(Get-Content $log | ConvertFrom-Json | Where-Object event -EQ 'batch-committed').batch_id | Should -Be $committed.Guid
        # A stopped pipeline takes no more output: the last batches, which it had not taken yet, are committed and not emitted.
        $output.BatchId.Guid | Should -Be $committed[0..($output.Count - 1)].Guid
        Test-StreamingIntegrity -Quiet | Should -BeTrue
    }

    It 'logs JSON lines without secrets' {
        $log = Join-Path $global:StreamingPgTestFolder 'stream.jsonl'
        $null = Invoke-StreamingBatch -Continuous -BatchesPerSecond 20 -MaxBatches 2 -CatchUp All -LogPath $log 6> $null
        $events = Get-Content $log | ConvertFrom-Json
        $events.event | Should -Be 'stream-started', 'batch-committed', 'batch-committed', 'stream-stopped'
        $events[1].rows | Should -Be 140
        # The last field of PostgreSQL's password file.
        $secret = (Get-Content (Join-Path $env:STREAMINGPG_SERVER_PATH 'pgpass') | Select-Object -First 1).Split(':')[-1]
        $secret | Should -Not -BeNullOrEmpty
        Get-Content -Raw $log | Should -Not -Match ([regex]::Escape($secret))
    }

    It 'shows no secret in any stream, whatever happens' {
        $secret = (Get-Content (Join-Path $env:STREAMINGPG_SERVER_PATH 'pgpass') | Select-Object -First 1).Split(':')[-1]
        $credential = New-TestCredential $connection.UserName $secret
        $here = @{ HostName = '127.0.0.1'; Database = $connection.Database; Credential = $credential; Schema = 'stream' }
        # By the variables: -Debug makes PowerShell ask at each error.
        $VerbosePreference = $DebugPreference = 'Continue'
        $log = Join-Path $global:StreamingPgTestFolder 'secret.jsonl'
        $said = @(
            Invoke-StreamingBatch @here -Port $connection.Port -Continuous -BatchesPerSecond 20 -MaxBatches 2 -LogPath $log *>&1
            Invoke-StreamingBatch @here -Port $connection.Port *>&1
            # Nobody listens there: repeats are warnings, the end is an error.
            try { Invoke-StreamingBatch @here -Port 1 -MaxRetry 1 -LogPath $log *>&1 } catch { $_ }
            try { Invoke-StreamingBatch -ConnectionString "Host=127.0.0.1;Port=1;Username=me;Password=$secret" -MaxRetry 1 *>&1 } catch { $_ }
            Remove-StreamingData @here -Port $connection.Port -OlderThan 1000.00:00:00 -Confirm:$false *>&1
        )
        $said | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | Should -Not -BeNullOrEmpty
        $said | Where-Object { $_ -is [System.Management.Automation.DebugRecord] } | Should -Not -BeNullOrEmpty
        $said | Where-Object { $_ -is [System.Management.Automation.WarningRecord] } | Should -Not -BeNullOrEmpty
        $said | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | Should -Not -BeNullOrEmpty
        $words = ($said | ForEach-Object { $_ | Out-String; $_ | Format-List * -Force | Out-String; "$($_.Exception)" }) -join "`n"
        $words | Should -Match 'ConnectionRefused|Connection refused'
        $words | Should -Not -Match ([regex]::Escape($secret))
        Get-Content -Raw $log | Should -Match '"retry"'
        Get-Content -Raw $log | Should -Not -Match ([regex]::Escape($secret))
    }

    It 'runs beside command lines that write to the same schema' {
        $before = Get-BatchCount
        $program = (Get-ChildItem (Join-Path $PSScriptRoot '../../output/cli') -Filter 'streamingpg*' -File |
                Where-Object { $_.Extension -in '', '.exe' }).FullName
        $arguments = 'stream --schema stream --batches-per-second 40 --max-batches 40 --catch-up All'
        $processes = 1..2 | ForEach-Object {
            $start = [System.Diagnostics.ProcessStartInfo]::new($program, $arguments)
            $start.RedirectStandardOutput = $start.RedirectStandardError = $true
            [System.Diagnostics.Process]::Start($start)
        }
        $job = Invoke-StreamingBatch -Continuous -BatchesPerSecond 40 -MaxBatches 40 -CatchUp All -AsJob
        try {
            $results = Invoke-StreamingBatch -Continuous -BatchesPerSecond 40 -MaxBatches 40 -CatchUp All -WarningVariable warnings 6> $null
            foreach ($process in $processes) {
                $null = $process.StandardOutput.ReadToEndAsync()
                $errors = $process.StandardError.ReadToEndAsync()
                $process.WaitForExit(120000) | Should -BeTrue -Because 'it has two minutes'
                $errors.Result | Should -BeNullOrEmpty
                $process.ExitCode | Should -Be 0
            }
            (Wait-Job $job -Timeout 120).State | Should -Be 'Completed'
            @(Receive-Job $job 6> $null | Where-Object { $_ -is [StreamingPg.BatchResult] }).Count | Should -Be 40
        }
        finally {
            Remove-Job $job -Force
            $processes | ForEach-Object { if (-not $_.HasExited) { $_.Kill() } }
        }
        $results.Count | Should -Be 40
        $warnings | Should -BeNullOrEmpty
        (Get-BatchCount) - $before | Should -Be 160
        Invoke-Sql $connection 'SELECT count(*) - count(DISTINCT batch_number) FROM stream.batch_ledger' | Should -Be 0
        Invoke-Sql $connection 'SELECT count(*) - count(DISTINCT email) FROM stream.users' | Should -Be 0
        Test-StreamingIntegrity -Quiet | Should -BeTrue
    }

    It 'ends in good order when the process gets <_>' -Skip:(-not $IsLinux) -ForEach 'TERM', 'HUP' {
        $script = "Import-Module '$manifest'; Invoke-StreamingBatch -Continuous -BatchesPerSecond 5 -Schema stream | ForEach-Object { 'batch' }; 'next command'"
        $first = @(Get-PowerShellAssembly)
        $start = [System.Diagnostics.ProcessStartInfo]::new('env', [string[]]@('--default-signal=TERM,HUP', [Environment]::ProcessPath) + $first + @('-NoProfile', '-NonInteractive', '-Command', $script))
        $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        $process = [System.Diagnostics.Process]::Start($start)
        try {
            $process.StandardOutput.ReadLineAsync().Wait(120000) | Should -BeTrue
            kill "-$_" $process.Id
            $process.WaitForExit(120000) | Should -BeTrue
            $process.ExitCode | Should -Be @{ TERM = 143; HUP = 129 }[$_]
            $said = $process.StandardOutput.ReadToEnd()
        }
        finally {
            if (-not $process.HasExited) { $process.Kill() }
        }
        $said | Should -Match 'Stopped'
        $said | Should -Not -Match 'next command'
        # It left word that it ended as requested.
        Invoke-Sql $connection "SELECT count(*) FROM stream.batch_ledger WHERE kind = 'stream-end' AND committed_at > now() - interval '5 minutes'" | Should -BeGreaterThan 0
    }

    It 'has parameters of its own, which bind to nothing else' {
        # Asked in a session without a person, PowerShell names the switch that is missing.
        $refused = Invoke-FreshPowerShell "Import-Module '$manifest'; try { Invoke-StreamingBatch -MaxBatches 3 } catch { `$_.FullyQualifiedErrorId; `$_.Exception.Message }"
        $refused[0] | Should -BeLike 'MissingMandatoryParameter,*'
        $refused[1] | Should -BeLike '*: Continuous.'
        { Invoke-StreamingBatch -Continuous -Resume -BatchId (New-Guid) } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
        { Invoke-StreamingBatch -Resume -BatchId (New-Guid) -Seed 1 } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
        { Invoke-StreamingBatch -Continuous -Interval 00:00:01 -BatchesPerSecond 1 } | Should -Throw -ErrorId 'StreamOptionInvalid,*'
        { Invoke-StreamingBatch -Continuous -BatchId (New-Guid) } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
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
