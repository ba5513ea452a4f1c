BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Metrics and traces of Invoke-StreamingBatch' {
    BeforeAll {
        $connection = New-TestSchema 'export'

        # Runs a script while a collector listens; gives what it was sent, one object for each request.
        function Receive-Export([scriptblock] $Script) {
            $socket = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
            $socket.Start()
            $endpoint = "http://127.0.0.1:$($socket.LocalEndpoint.Port)"
            $socket.Stop()
            $listener = [System.Net.HttpListener]::new()
            $listener.Prefixes.Add("$endpoint/")
            $listener.Start()
            $receiving = Start-ThreadJob {
                while (($using:listener).IsListening) {
                    try { $context = ($using:listener).GetContext() } catch { return }
                    $body = [System.IO.MemoryStream]::new()
                    $context.Request.InputStream.CopyTo($body)
                    $context.Response.Close()
                    [pscustomobject]@{
                        Path = $context.Request.Url.AbsolutePath
                        Text = [System.Text.Encoding]::Latin1.GetString($body.ToArray())
                    }
                }
            }
            $env:OTEL_EXPORTER_OTLP_ENDPOINT = $endpoint
            $env:OTEL_EXPORTER_OTLP_PROTOCOL = 'http/protobuf'
            try {
                & $Script
            }
            finally {
                Remove-Item Env:OTEL_*
                $listener.Close()
            }
            # Not -Wait -AutoRemoveJob: when the job ends at that moment, PowerShell tries to remove it twice, and fails.
            $receiving | Wait-Job | Receive-Job
            Remove-Job $receiving
        }
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'leaves the exporter unloaded when nobody asked for it' {
        $loaded = Invoke-FreshPowerShell @"
            Import-Module '$manifest'
            `$null = Invoke-StreamingBatch -Continuous -Interval 00:00:00.1 -MaxBatches 2 -Schema export 3> `$null 6> `$null
            [AppDomain]::CurrentDomain.GetAssemblies().ForEach{ `$_.GetName().Name } -like 'OpenTelemetry*'
            'done'
"@
        $loaded | Should -Be 'done'
    }

    It 'lets a listener outside of the module see the meter' -Skip:([Environment]::Version.Major -lt 10) {
        # Up to .NET 9 the module brings a newer System.Diagnostics.DiagnosticSource than its PowerShell has, for itself.
        $listener = [System.Diagnostics.Metrics.MeterListener]::new()
        $names = [System.Collections.Concurrent.ConcurrentBag[string]]::new()
        $listener.InstrumentPublished = { param($instrument) $names.Add("$($instrument.Meter.Name) $($instrument.Name)") }.GetNewClosure()
        $null = Invoke-StreamingBatch
        $listener.Start()
        $listener.Dispose()
        $names | Should -Contain 'StreamingPg streamingpg.rows'
        $names | Should -Contain 'Npgsql db.client.connection.count'
    }

    It 'exports a stream, in a job too, and what is left when it is stopped' {
        $sent = Receive-Export {
            $job = Invoke-StreamingBatch -Continuous -Interval 00:00:00.1 -AsJob
            $patience = [datetime]::UtcNow.AddSeconds(120)
            while (-not (Receive-Job $job) -and [datetime]::UtcNow -lt $patience) { Start-Sleep -Milliseconds 100 }
            Stop-Job $job
            Remove-Job $job
        }
        $sent.Path | Should -Contain '/v1/metrics'
        $sent.Path | Should -Contain '/v1/traces'
        $metrics = ($sent | Where-Object Path -EQ '/v1/metrics')[-1].Text
        foreach ($name in 'streamingpg.batches', 'streamingpg.rows', 'streamingpg.phase.duration', 'detailed_transactions', '|export') {
            $metrics | Should -Match ([regex]::Escape($name))
        }
        ($sent | Where-Object Path -EQ '/v1/traces').Text -join '' | Should -Match 'commit'
    }

    It 'says once that the endpoint does not answer, and loads all the same' {
        $env:OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:1'
        $env:OTEL_METRIC_EXPORT_INTERVAL = '50'
        try {
            $results = Invoke-StreamingBatch -Continuous -Interval 00:00:00.1 -MaxBatches 5 -WarningVariable warnings 3> $null 6> $null
        }
        finally {
            Remove-Item Env:OTEL_*
        }
        $results.Count | Should -Be 5
        @($warnings -like 'The export of metrics and traces failed: http://127.0.0.1:1: Connection refused*').Count | Should -Be 1
    }
}
