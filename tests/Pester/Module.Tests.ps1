BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'The module' {
    It 'exports its cmdlets and nothing else' {
        $expected = (Import-PowerShellDataFile $manifest).CmdletsToExport
        $module = Get-Module StreamingPg
        $module.ExportedCommands.Keys | Sort-Object | Should -Be ($expected | Sort-Object)
        $module.ExportedVariables.Count | Should -Be 0
        $module.ExportedAliases.Count | Should -Be 0
    }

    It 'is of the version that its files say' {
        $files = Get-Item (Join-Path (Split-Path $manifest) 'bin/*/StreamingPg.dll')
        $files.Directory.Name | Sort-Object | Should -Be 'net10.0', 'net8.0'
        foreach ($file in $files) {
            (Get-Module StreamingPg).Version | Should -Be ([version] $file.VersionInfo.ProductVersion.Split('+')[0])
        }
    }

    It 'loads the assemblies made for the .NET that runs this PowerShell' {
        # Those of another .NET work too, but all of their code is compiled anew at each start.
        $folder = [Environment]::Version.Major -ge 10 ? 'net10.0' : 'net8.0'
        [StreamingPg.BatchResult].Assembly.Location | Should -BeLike "*bin?${folder}?StreamingPg.dll"
        (Get-Command Invoke-StreamingBatch).ImplementingType.Assembly.Location | Should -BeLike "*bin?${folder}?StreamingPg.Cmdlets.dll"
    }

    It 'can be imported again by force, and after it was removed' {
        $result = Invoke-FreshPowerShell @"
            Import-Module '$manifest'
            Import-Module '$manifest' -Force
            (Get-Command -Module StreamingPg).Count
            Remove-Module StreamingPg
            (Get-Command -Module StreamingPg).Count
            Import-Module '$manifest'
            (Get-Command -Module StreamingPg).Count
            (New-StreamingUser -Count 2).Count
"@
        $count = (Import-PowerShellDataFile $manifest).CmdletsToExport.Count
        $result | Should -Be @("$count", '0', "$count", '2')
    }

    It 'works with its .NET 8 half, which PowerShell 7.4 loads' {
        # The workflow on GitHub runs all tests in PowerShell 7.4; where only a later one is installed, its half runs on the later .NET.
        $bin = Join-Path (Split-Path $manifest) bin
        if ([Environment]::Version.Major -lt 10 -or -not (Test-Path (Join-Path $bin net8.0))) {
            Set-ItResult -Skipped -Because 'this PowerShell loads that half itself, or the module was built without it'
            return
        }
        $copy = Join-Path $TestDrive 'half/StreamingPg'
        Copy-Item (Split-Path $manifest) $copy -Recurse
        Remove-Item (Join-Path $copy bin/net10.0) -Recurse
        Rename-Item (Join-Path $copy bin/net8.0) net10.0
        $result = Invoke-FreshPowerShell @"
            Import-Module '$copy/StreamingPg.psd1'
            [StreamingPg.BatchResult].Assembly.GetCustomAttributes([Runtime.Versioning.TargetFrameworkAttribute], `$false).FrameworkName
            `$null = Initialize-StreamingSchema -Schema half
            (Invoke-StreamingBatch -Schema half).TotalRows
            Test-StreamingIntegrity -Schema half -Quiet
"@
        $result | Should -Be @('.NETCoreApp,Version=v8.0', '140', 'True')
    }

    It 'says why it cannot be imported in constrained language mode' {
        $result = Invoke-FreshPowerShell @"
            `$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'
            Import-Module '$manifest'
"@
        $result -join ' ' | Should -Match 'cannot be imported in constrained language mode'
    }

    It 'shows its tables in constrained language mode if it was imported before' {
        $result = Invoke-FreshPowerShell @"
            Import-Module '$manifest'
            `$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'
            New-StreamingUser -Count 1 -Seed 42
            Test-StreamingConnection
"@
        $result -join "`n" | Should -Match '(?s)UserId.*Name.*@.*example.*Success'
    }

    It 'keeps its dependencies to itself' {
        $default = [System.Runtime.Loader.AssemblyLoadContext]::Default.Assemblies.ForEach{ $_.GetName().Name }
        $default | Should -Contain 'StreamingPg'
        $default | Should -Not -Contain 'StreamingPg.Core'
        $default | Should -Not -Contain 'Npgsql'
        $default | Should -Not -Contain 'Bogus'
    }

    It 'works beside a module that loaded another Npgsql' {
        $other = Join-Path $TestDrive 'Npgsql.dll'
        $result = Invoke-FreshPowerShell @"
            Add-Type -TypeDefinition 'namespace Npgsql { public class NpgsqlDataSource { } }' -OutputAssembly '$other'
            Add-Type -Path '$other'
            Import-Module '$manifest'
            Test-StreamingConnection -Quiet -ConnectionString 'Host=127.0.0.1;Port=1;Timeout=2'
            [Npgsql.NpgsqlDataSource].Assembly.Location -eq '$other'
"@
        $result | Should -Be @('False', 'True')
    }

    It 'refuses a second copy of itself in one session with a way out' {
        $copy = Join-Path $TestDrive 'StreamingPg'
        Copy-Item (Split-Path $manifest) $copy -Recurse
        $result = Invoke-FreshPowerShell @"
            Import-Module '$manifest'
            Import-Module '$copy/StreamingPg.psd1' -ErrorAction SilentlyContinue 2> `$null
            `$Error.ForEach{ `$_.Exception.GetBaseException().Message }
"@
        $result -join ' ' | Should -Match 'already loaded from .+ Start a new PowerShell session'
    }

    It 'closes its connections when it is removed' {
        $count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'to be closed'"
        $settings = Get-StreamingServer
        $watcher = Connect-StreamingDatabase -Server $settings
        $inner = [powershell]::Create()
        try {
            $null = $inner.AddScript(@"
                Import-Module '$manifest'
                `$handle = Get-StreamingServer | Connect-StreamingDatabase
                `$command = `$handle.DataSource.CreateCommand("SET application_name = 'to be closed'")
                `$null = `$command.ExecuteNonQuery()
                `$reader = `$handle.DataSource.OpenConnection()
                `$name = `$reader.CreateCommand()
                `$name.CommandText = "SET application_name = 'to be closed'"
                `$null = `$name.ExecuteNonQuery()
                `$handle
"@).Invoke()
            Invoke-Sql $watcher $count | Should -BeGreaterThan 0
            $inner.Commands.Clear()
            $null = $inner.AddScript('$reader.Dispose(); Remove-Module StreamingPg').Invoke()
            # The server's processes end a moment later.
            $patience = [datetime]::UtcNow.AddMinutes(1)
            while ((Invoke-Sql $watcher $count) -gt 0 -and [datetime]::UtcNow -lt $patience) { Start-Sleep -Milliseconds 100 }
            Invoke-Sql $watcher $count | Should -Be 0
        }
        finally {
            $inner.Dispose()
            Disconnect-StreamingDatabase $watcher
        }
    }

    It 'keeps the connection of one runspace from another' {
        $null = Connect-StreamingDatabase -Schema only_here
        try {
            $schema = 1 | ForEach-Object -Parallel { Import-Module $using:manifest; (Test-StreamingConnection).Server }
            $schema | Should -Not -Match 'only_here'
        }
        finally {
            Disconnect-StreamingDatabase
        }
    }
}
