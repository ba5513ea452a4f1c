BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'The private server' {
    BeforeAll {
        $path = Join-Path $global:StreamingPgTestFolder 'another server'
    }

    AfterAll {
        $null = Stop-StreamingServer -Path $path
        # What was started last is the session's server: back to the one of the whole run.
        $null = Start-StreamingServer
    }

    It 'is not made by asking for it' {
        (Get-StreamingServer -Path $path).State | Should -Be 'NotCreated'
        $path | Should -Not -Exist
    }

    It 'is not made by -WhatIf' {
        Start-StreamingServer -Path $path -WhatIf | Should -BeNullOrEmpty
        $path | Should -Not -Exist
    }

    It 'starts, is found again and starts once only' {
        $started = Start-StreamingServer -Path $path
        $started.State | Should -Be 'Running'
        (Get-StreamingServer -Path $path).ProcessId | Should -Be $started.ProcessId
        (Start-StreamingServer -Path $path).ProcessId | Should -Be $started.ProcessId
        Invoke-FreshPowerShell "Import-Module '$manifest'; (Get-StreamingServer -Path '$path').ProcessId" | Should -Be "$($started.ProcessId)"
    }

    It 'is used by the session that started it' {
        (Test-StreamingConnection).Server | Should -Match ([regex]::Escape((Get-StreamingServer -Path $path).Port))
    }

    It 'is not stopped by -WhatIf' {
        Stop-StreamingServer -Path $path -WhatIf | Should -BeNullOrEmpty
        (Get-StreamingServer -Path $path).State | Should -Be 'Running'
    }

    It 'stops, from the pipeline too, and can be stopped again' {
        (Get-StreamingServer -Path $path | Stop-StreamingServer).State | Should -Be 'Stopped'
        (Stop-StreamingServer -Path $path).State | Should -Be 'Stopped'
    }

    It 'without -Path stops the server that the session started last' {
        $own = Start-StreamingServer -Path $path
        (Get-StreamingServer -All).Path | Should -Contain $own.Path
        (Get-StreamingServer).Path | Should -Be $own.Path
        $stopped = Stop-StreamingServer -WarningVariable warnings
        $stopped.Path | Should -Be $own.Path
        $stopped.State | Should -Be 'Stopped'
        $warnings | Should -BeNullOrEmpty
    }

    It 'says so when a stop stopped nothing, and what runs' {
        $null = Stop-StreamingServer -Path $path -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -Match 'is not running: nothing was stopped'
        $null = Stop-StreamingServer -Path (Join-Path $global:StreamingPgTestFolder 'none') -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -Match 'There is no server in .*none: nothing was stopped'
    }

    It 'is listed with -All while it has a folder, from any session' {
        $null = Start-StreamingServer -Path $path
        $seen = Invoke-FreshPowerShell "Import-Module '$manifest'; (Get-StreamingServer -All | Where-Object State -eq Running).Path"
        $seen | Should -Contain $path
        $null = Stop-StreamingServer -Path $path
        (Get-StreamingServer -All | Where-Object Path -eq $path).State | Should -Be 'Stopped'
        { Get-StreamingServer -All -Path $path } | Should -Throw -ErrorId 'AllWithPath,StreamingPg.Cmdlets.Commands.GetStreamingServerCommand'
    }

    It 'refuses a folder that holds something else' {
        $folder = New-Item -ItemType Directory -Path (Join-Path $global:StreamingPgTestFolder 'full')
        Set-Content (Join-Path $folder 'letter.txt') 'dear'
        { Start-StreamingServer -Path $folder } |
            Should -Throw -ErrorId 'ServerFolderNotEmpty,StreamingPg.Cmdlets.Commands.StartStreamingServerCommand'
        Get-ChildItem $folder | Should -HaveCount 1
    }

    It 'wants a folder of the file system' {
        { Get-StreamingServer -Path Env:x } | Should -Throw -ErrorId 'PathNotFileSystem,StreamingPg.Cmdlets.Commands.GetStreamingServerCommand'
        { Stop-StreamingServer -Path Env:x } | Should -Throw -ErrorId 'PathNotFileSystem,StreamingPg.Cmdlets.Commands.StopStreamingServerCommand'
    }
}
