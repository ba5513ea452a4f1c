BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Test-StreamingConnection' {
    It 'finds nothing missing on an initialised schema' {
        $connection = New-TestSchema 'test_connection'
        $result = Test-StreamingConnection
        $result | Should -BeOfType StreamingPg.ConnectionTest
        $result.Success | Should -BeTrue
        $result.ServerVersion | Should -Match '^\d+'
        $result.Latency | Should -BeGreaterThan ([timespan]::Zero)
        $result.Missing | Should -BeNullOrEmpty
        Test-StreamingConnection -Connection $connection -Quiet | Should -BeTrue
        Disconnect-StreamingDatabase
    }

    It 'says what to do when the schema is not there' {
        $result = Test-StreamingConnection -Schema not_there
        $result.SchemaExists | Should -BeFalse
        $result.Missing -join ' ' | Should -Match 'Initialize-StreamingSchema'
    }

    It 'gives false, and no error, when nobody answers' {
        Test-StreamingConnection -HostName 127.0.0.1 -Port 1 -Quiet | Should -Be $false
        $result = Test-StreamingConnection -HostName 127.0.0.1 -Port 1
        $result.Success | Should -BeFalse
        $result.Missing | Should -Not -BeNullOrEmpty
    }

    It 'says how to get a database when there is none' {
        $result = Invoke-FreshPowerShell @"
            `$env:STREAMINGPG_SERVER_PATH = '$TestDrive/none'
            Import-Module '$manifest'
            (Test-StreamingConnection).Missing
"@
        $result -join ' ' | Should -Match 'Start-StreamingServer'
        $result -join ' ' | Should -Match 'Connect-StreamingDatabase'
    }

    It 'refuses metadata that is not there' {
        { Test-StreamingConnection -Metadata not-there.json } |
            Should -Throw -ErrorId 'MetadataNotFound,StreamingPg.Cmdlets.Commands.TestStreamingConnectionCommand'
    }
}
