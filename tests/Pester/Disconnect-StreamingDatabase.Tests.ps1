BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Disconnect-StreamingDatabase' {
    It 'closes the connection of the session' {
        $connection = Connect-StreamingDatabase -Schema mine
        Disconnect-StreamingDatabase
        (Test-StreamingConnection).Server | Should -Not -Match 'mine'
        { Get-StreamingGrowth -Connection $connection } |
            Should -Throw -ErrorId 'ConnectionClosed,StreamingPg.Cmdlets.Commands.GetStreamingGrowthCommand'
    }

    It 'closes a given connection and leaves the other one open' {
        $first = Connect-StreamingDatabase -Schema first
        $second = Connect-StreamingDatabase -Schema second
        $first | Disconnect-StreamingDatabase
        (Test-StreamingConnection).Server | Should -Be "$second"
        Disconnect-StreamingDatabase
    }

    It 'is content when there is nothing to close' {
        { Disconnect-StreamingDatabase; Disconnect-StreamingDatabase } | Should -Not -Throw
    }

    It 'wants a connection' {
        { Disconnect-StreamingDatabase -Connection 'text' } |
            Should -Throw -ErrorId 'ParameterArgumentTransformationError,StreamingPg.Cmdlets.Commands.DisconnectStreamingDatabaseCommand'
    }
}
