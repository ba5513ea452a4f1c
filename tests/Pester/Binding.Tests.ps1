BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    # Import- and New-StreamingRow take any object for a row: theirs is refused by name, as a row of no table.
    $commands = Get-Command -Module StreamingPg | Where-Object Name -NotIn 'Import-StreamingData', 'New-StreamingRow' |
        ForEach-Object { @{ Name = $_.Name } }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    $connection = New-TestSchema 'binding'
    $null = Invoke-StreamingBatch

    # What a command would have changed: rows, ledger, tables, the session's connection, the server, files.
    function Get-State {
        @(
            'users', 'transactions', 'detailed_transactions', 'batch_ledger' | ForEach-Object { Get-RowCount $connection $_ }
            Invoke-Sql $connection "SELECT count(*) FROM pg_class"
            (Test-StreamingConnection).Server
            (Get-StreamingServer).ProcessId
            (Get-ChildItem $global:StreamingPgTestFolder -File).Count
        ) -join ' '
    }

    # Values for the parameters that must be given.
    $needed = @{
        'Clear-StreamingData' = @{ Confirm = $false }
        'Remove-StreamingSchema' = @{ Confirm = $false }
        'Remove-StreamingSnapshot' = @{ Name = 'none'; Confirm = $false }
        'Remove-StreamingServer' = @{ Confirm = $false }
        'Close-StreamingBatch' = @{ Confirm = $false }
        'Get-StreamingRow' = @{ Table = 'users' }
        'Get-StreamingLikeness' = @{ Against = 'binding' }
        'Test-StreamingPublication' = @{ Name = 'none' }
        'Invoke-StreamingQuery' = @{ Query = 'SELECT 1' }
        'Export-StreamingMetadata' = @{ Path = Join-Path $global:StreamingPgTestFolder 'bound-metadata.json' }
        'Test-StreamingMetadata' = @{ Metadata = 'none.json' }
        'Export-StreamingData' = @{ Path = Join-Path $global:StreamingPgTestFolder 'bound-data'; FromDatabase = $true; WhatIf = $true }
        'Register-StreamingGenerator' = @{ Name = 'bound'; ScriptBlock = { } }
        'Export-StreamingReport' = @{ Path = Join-Path $global:StreamingPgTestFolder 'bound.html' }
        'Remove-StreamingData' = @{ OlderThan = '1d'; Confirm = $false }
        'Update-StreamingSchema' = @{ Confirm = $false }
        'Update-StreamingServer' = @{ Confirm = $false }
        'Watch-StreamingGrowth' = @{ Count = 1 }
    }
}

AfterAll {
    Disconnect-StreamingDatabase
}

Describe 'Piped input that does not bind' {
    It 'makes <Name> do nothing' -ForEach $commands {
        $before = Get-State
        $arguments = $needed[$Name] ?? @{}
        $output = 1..3 | & $Name @arguments -ErrorAction SilentlyContinue -ErrorVariable errors
        $output | Should -BeNullOrEmpty
        $errors.Count | Should -BeGreaterOrEqual 3
        Get-State | Should -Be $before
    }

    It 'makes <Name> do nothing when nothing is piped at all' -ForEach $commands {
        $before = Get-State
        $arguments = $needed[$Name] ?? @{}
        $output = @() | & $Name @arguments
        $output | Should -BeNullOrEmpty
        Get-State | Should -Be $before
    }
}

Describe 'Piped input that binds' {
    It 'prunes the table that was piped and no other' {
        $before = Get-RowCount $connection 'transactions'
        $users = Get-RowCount $connection 'users'
        $removed = Get-StreamingGrowth | Where-Object Table -EQ detailed_transactions | Remove-StreamingData -OlderThan 1m -Confirm:$false
        $removed.Table | Should -Be 'detailed_transactions'
        $removed.Removed | Should -BeGreaterThan 0
        Get-RowCount $connection 'transactions' | Should -Be $before
        Get-RowCount $connection 'users' | Should -Be $users
    }

    It 'counts the tables that were piped, children before parents' {
        $counted = 'users', 'transactions' | ForEach-Object { [pscustomobject]@{ Table = $_ } } | Remove-StreamingData -OlderThan 1m -WhatIf
        $counted.Table | Should -Be 'transactions', 'users'
    }

    It 'refuses a table that the metadata does not have' {
        { [pscustomobject]@{ Table = 'shoes' } | Remove-StreamingData -OlderThan 1m -Confirm:$false } | Should -Throw -ErrorId 'TableUnknown,*'
    }

    It 'is a batch of the ledger' {
        $null = Invoke-StreamingBatch
        $last = Get-StreamingBatch -Last 1
        $last | Get-StreamingBatch | ForEach-Object BatchId | Should -Be $last.BatchId
        (Invoke-StreamingBatch -Users 1 -Transactions 0 -Details 0 | Get-StreamingBatch).TotalRows | Should -Be 1
    }

    It 'is a metadata file' {
        $path = Join-Path $global:StreamingPgTestFolder 'bound.json'
        '{"things": {"columns": {"id": {"type": "UUID", "primary_key": true}}}}' | Set-Content $path
        (Get-Item $path | Initialize-StreamingSchema).Name | Should -Contain 'things'
        (Get-Item $path | Invoke-StreamingBatch).Tables.Table | Should -Be 'things'
        (Get-Item $path | Get-StreamingMetadata).Column | Should -Be 'id'
        (Get-StreamingGrowth -Metadata $path).Rows | Should -BeGreaterThan 0
    }

    It 'is one file after another' {
        $paths = 'first', 'second' | ForEach-Object {
            $path = Join-Path $global:StreamingPgTestFolder "$_.json"
            "{`"$_`": {`"columns`": {`"id`": {`"type`": `"UUID`", `"primary_key`": true}}}}" | Set-Content $path
            $path
        }
        $null = Get-Item $paths | Initialize-StreamingSchema
        (Get-Item $paths | Invoke-StreamingBatch).Tables.Table | Should -Be 'first', 'second'
    }

    It 'is not needed when a program calls the command' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$manifest'").Invoke()
            $shell.Commands.Clear()
            $shell.AddCommand('New-StreamingUser').AddParameter('Count', 2).Invoke().Count | Should -Be 2
            $shell.EndInvoke($shell.BeginInvoke()).Count | Should -Be 2
        }
        finally {
            $shell.Dispose()
        }
    }
}
