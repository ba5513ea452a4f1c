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
