BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Get-StreamingConnection' {
    BeforeAll {
        # Other tests may have left theirs.
        Get-StreamingConnection | Disconnect-StreamingDatabase
    }

    AfterEach {
        $PSDefaultParameterValues.Clear()
        Get-StreamingConnection | Disconnect-StreamingDatabase
    }

    It 'shows what commands would find when nothing is connected' {
        $found = Get-StreamingConnection
        $found.Source | Should -Be 'PrivateServer'
        $found.IsDefault | Should -BeTrue
    }

    It 'lists connections by name, the default marked' {
        $null = Connect-StreamingDatabase -Schema one -Name first
        $null = Connect-StreamingDatabase -Schema two -Name second
        (Get-StreamingConnection).Name | Should -Be 'first', 'second'
        (Get-StreamingConnection).IsDefault | Should -Be $false, $true
        (Get-StreamingConnection 'f*').Schema | Should -Be 'one'
        (Get-StreamingConnection first | Connect-StreamingDatabase).IsDefault | Should -BeTrue
        (Test-StreamingConnection).Server | Should -Match 'schema one$'
    }

    It 'has names that -Connection takes, also as a default value' {
        $null = Connect-StreamingDatabase -Schema one -Name first
        $null = Connect-StreamingDatabase -Schema two -Name second
        (Test-StreamingConnection -Connection FIRST).Server | Should -Match 'schema one$'
        $PSDefaultParameterValues['*-Streaming*:Connection'] = 'first'
        (Test-StreamingConnection).Server | Should -Match 'schema one$'
        Invoke-StreamingBatch -HostName 127.0.0.1 -Port 1 -WhatIf 6>&1 | Should -BeNullOrEmpty
        (TabExpansion2 'Test-StreamingConnection -Connection f').CompletionMatches.CompletionText | Should -Be 'first'
    }

    It 'gives a name to the connection that had it last' {
        $null = Connect-StreamingDatabase -Schema one -Name same
        $null = Connect-StreamingDatabase -Schema two -Name same
        (Get-StreamingConnection same).Schema | Should -Be 'two'
        Disconnect-StreamingDatabase same
        (Get-StreamingConnection | Where-Object IsDefault -EQ $false).Schema | Should -Be 'one'
    }

    It 'says that a name is unknown, and which there are' {
        $null = Connect-StreamingDatabase -Name first
        Get-StreamingConnection nobody -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed.FullyQualifiedErrorId | Should -Be 'NoSuchConnection,StreamingPg.Cmdlets.Commands.GetStreamingConnectionCommand'
        { Test-StreamingConnection -Connection nobody } | Should -Throw '*named "nobody"*first*'
    }
}
