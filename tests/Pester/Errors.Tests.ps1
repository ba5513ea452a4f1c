BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    $commands = Get-Command -Module StreamingPg | ForEach-Object { @{ Name = $_.Name } }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    $connection = New-TestSchema 'errors'
    $nobody = 'Host=127.0.0.1;Port=1;Timeout=2'
}

AfterAll {
    Disconnect-StreamingDatabase
}

Describe 'An error' {
    It 'is silent with -ErrorAction <_>, and the script goes on' -ForEach 'SilentlyContinue', 'Ignore' {
        $Error.Clear()
        $reached = $false
        $output = try {
            Get-StreamingGrowth -ConnectionString $nobody -ErrorAction $_ 2>&1
            Invoke-StreamingBatch -Metadata /no/such/file.json -ErrorAction $_ 2>&1
            [pscustomobject]@{ a = 1 } | Import-StreamingData -Table shoes -ErrorAction $_ 2>&1
            $reached = $true
        }
        catch {
            $_
        }
        $output | Should -BeNullOrEmpty
        $reached | Should -BeTrue
        $Error.Count | Should -Be ($_ -eq 'Ignore' ? 0 : 3)
    }

    It 'of an import ends it, silent or not' {
        $rows = @([pscustomobject]@{ user_id = [guid]::NewGuid() }, [pscustomobject]@{ shoes = 1 })
        $rows | Import-StreamingData -Table users -ErrorAction SilentlyContinue -ErrorVariable problem | Should -BeNullOrEmpty
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'PropertyUnknown,*'
        Get-RowCount $connection 'users' | Should -Be 0
    }

    It 'is seen by try and catch without -ErrorAction Stop' {
        { Get-StreamingGrowth -ConnectionString $nobody } | Should -Throw -ErrorId 'ConnectionRefused,*'
    }

    It 'has its remedy as RecommendedAction' {
        Get-StreamingGrowth -ConnectionString $nobody -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem[0].ErrorDetails.RecommendedAction | Should -BeLike '*Start-StreamingServer*'
        $problem[0].ToString() | Should -BeLike '*failed*'
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'ConnectionRefused,*'
    }

    It 'of a batch that nobody knows comes instead of a new batch' {
        { Invoke-StreamingBatch -Resume -BatchId (New-Guid) } | Should -Throw -ErrorId 'BatchUnknown,*'
        Get-RowCount $connection 'users' | Should -Be 0
    }

    It 'has help' {
        Get-Help about_StreamingPg_Errors | Should -Match 'BatchUnknown'
    }
}

Describe 'An empty text or an absurd number' {
    It 'is a typed error of <Name>' -ForEach $commands {
        foreach ($parameter in (Get-Command $Name).Parameters.Values) {
            $value = switch ($parameter.ParameterType) {
                ([string]) { '' }
                ([string[]]) { , @('') }
                ([long]) { [long]::MinValue }
                ([int]) { [int]::MinValue }
                ([System.Nullable[double]]) { [double]::NaN }
                ([System.Nullable[datetime]]) { [datetime]::MinValue }
                default { $null }
            }
            if ($null -eq $value -or $parameter.Name -in [System.Management.Automation.PSCmdlet]::CommonParameters) {
                continue
            }

            # Times from the beginning of the calendar are fine where rows are looked at; what is asked here is that nothing breaks.
            $arguments = @{ $parameter.Name = $value }
            if ((Get-Command $Name).Parameters.ContainsKey('WhatIf')) {
                $arguments.WhatIf = $true
            }
            if ($Name -eq 'Watch-StreamingGrowth') {
                $arguments.Count = 1
            }
            $missing = (Get-Command $Name).ParameterSets | Where-Object IsDefault | ForEach-Object Parameters |
                Where-Object { $_.IsMandatory -and $_.Name -ne $parameter.Name }
            if ($missing) {
                continue
            }
            try {
                $null = & $Name @arguments 3> $null 6> $null
            }
            catch {
                $_.FullyQualifiedErrorId | Should -Not -BeLike 'Unexpected,*' -Because "-$($parameter.Name) '$value': $_"
            }
        }
    }
}

Describe 'A job of a stream' {
    It 'is received, waited for and removed' {
        $script = {
            $job = Invoke-StreamingBatch -Continuous -Interval 1s -MaxBatches 2 -AsJob
            ($job | Receive-Job -Wait -AutoRemoveJob 3> $null 6> $null | Where-Object { $_ -is [StreamingPg.BatchResult] }).Count
            (Get-Job | Where-Object Id -EQ $job.Id).Count
        }
        # In a PowerShell of its own: it must not be this one that waits for ever.
        $settings = Get-StreamingServer
        $run = Start-Process ([Environment]::ProcessPath) -PassThru -RedirectStandardOutput (Join-Path $global:StreamingPgTestFolder 'job.txt') -ArgumentList @(
            Get-PowerShellAssembly; '-NoProfile', '-NonInteractive', '-OutputFormat', 'Text', '-EncodedCommand', [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes(
                "Import-Module '$manifest'; `$null = Connect-StreamingDatabase -Server (Get-StreamingServer -Path '$($settings.Path)') -Schema errors; & { $script }")))
        $run.WaitForExit(120000) | Should -BeTrue -Because 'Receive-Job -Wait -AutoRemoveJob returns'
        Get-Content (Join-Path $global:StreamingPgTestFolder 'job.txt') | Should -Be '2', '0'
    }
}
