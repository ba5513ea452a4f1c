BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Invoke-StreamingBatch' {
    BeforeAll {
        $connection = New-TestSchema 'batch'
        function Get-TableCount { 'users', 'transactions', 'detailed_transactions' | ForEach-Object { Get-RowCount $connection $_ } }
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'shows the plan and loads nothing with -WhatIf' {
        Invoke-StreamingBatch -WhatIf | Should -BeNullOrEmpty
        Get-TableCount | Should -Be 0, 0, 0
    }

    It 'adds 10 users, 30 transactions and 100 lines each time' {
        $first = Invoke-StreamingBatch
        $second = Invoke-StreamingBatch
        $first | Should -BeOfType StreamingPg.BatchResult
        $first.Tables.Rows | Should -Be 10, 30, 100
        $second.BatchNumber | Should -BeGreaterThan $first.BatchNumber
        Get-TableCount | Should -Be 20, 60, 200
        Test-StreamingIntegrity -Quiet | Should -BeTrue
    }

    It 'loads a batch id once' {
        $id = New-Guid
        (Invoke-StreamingBatch -BatchId $id).AlreadyLoaded | Should -BeFalse
        $before = Get-TableCount
        (Invoke-StreamingBatch -BatchId $id).AlreadyLoaded | Should -BeTrue
        Get-TableCount | Should -Be $before
    }

    It 'gives the same rows from the same seed' {
        $hash = 'one', 'two' | ForEach-Object {
            $copy = New-TestSchema "seed_$_"
            $null = Invoke-StreamingBatch -Seed 42 -Connection $copy
            'users', 'transactions', 'detailed_transactions' | ForEach-Object {
                Invoke-Sql $copy "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM $($copy.Schema).$_ t"
            }
            Disconnect-StreamingDatabase
        }
        $hash[0..2] | Should -Be $hash[3..5]
        $null = Connect-StreamingDatabase -Schema 'batch'
    }

    It 'cuts a large batch into parts' {
        $result = Invoke-StreamingBatch -Users 100 -Transactions 500 -Details 1000 -ChunkSize 400
        $result.Chunks | Should -BeGreaterThan 1
        $result.Tables.Rows | Should -Be 100, 500, 1000
    }

    It 'proves foreign keys as it is told' {
        (Invoke-StreamingBatch -ForeignKeyCheck Row).ForeignKeyCheck | Should -Be 'Row'
        (Invoke-StreamingBatch -ForeignKeyCheck Set).ForeignKeyCheck | Should -Be 'Set'
    }

    It 'refuses a schema without tables, naming the remedy' {
        $failed = { Invoke-StreamingBatch -Schema empty_schema } |
            Should -Throw -PassThru -ErrorId '*,StreamingPg.Cmdlets.Commands.InvokeStreamingBatchCommand'
        $failed.Exception.Message | Should -Match 'Initialize-StreamingSchema'
    }

    It 'refuses counts that cannot be' {
        { Invoke-StreamingBatch -Users -1 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,StreamingPg.Cmdlets.Commands.InvokeStreamingBatchCommand'
        { Invoke-StreamingBatch -Details 3000000000 } | Should -Throw -ErrorId '*,StreamingPg.Cmdlets.Commands.InvokeStreamingBatchCommand'
    }

    It 'stops when it is told, and leaves nothing half done' {
        $before = Get-TableCount
        $inner = [powershell]::Create()
        try {
            $null = $inner.AddScript("Import-Module '$manifest'; Invoke-StreamingBatch -Schema batch -Users 10000000 -Transactions 0 -Details 0 -ChunkSize 20000000")
            $running = $inner.BeginInvoke()
            Start-Sleep -Seconds 2
            $stopping = [System.Diagnostics.Stopwatch]::StartNew()
            $inner.Stop()
            Test-InTime $stopping.Elapsed | Should -BeTrue
            $running.IsCompleted | Should -BeTrue
        }
        finally {
            $inner.Dispose()
        }
        Get-TableCount | Should -Be $before
    }

    It 'shows progress when it lasts longer than a second, and not otherwise' {
        $inner = [powershell]::Create()
        try {
            $null = $inner.AddScript("Import-Module '$manifest'").Invoke()
            # A small batch takes some hundredths of a second, but where others use the machine.
            foreach ($attempt in 1..100) {
                $inner.Commands.Clear()
                $inner.Streams.Progress.Clear()
                $clock = [System.Diagnostics.Stopwatch]::StartNew()
                $null = $inner.AddScript('Invoke-StreamingBatch -Schema batch').Invoke()
                if ($clock.Elapsed.TotalSeconds -lt 1) { break }
            }
            $inner.Streams.Progress | Should -BeNullOrEmpty
            $inner.Commands.Clear()
            $null = $inner.AddScript('Invoke-StreamingBatch -Schema batch -Users 2000000 -Transactions 0 -Details 0').Invoke()
            $inner.Streams.Error | Should -BeNullOrEmpty
            $inner.Streams.Progress.Count | Should -BeGreaterThan 1
            $inner.Streams.Progress[-1].RecordType | Should -Be 'Completed'
        }
        finally {
            $inner.Dispose()
        }
    }
}
