BeforeAll {
    . $PSScriptRoot/Common.ps1
    $connection = New-TestSchema 'clearing'
    $null = Invoke-StreamingBatch
}

AfterAll {
    Disconnect-StreamingDatabase
}

Describe 'Clear-StreamingData and Remove-StreamingSchema' {
    It 'ask first, and do nothing with -WhatIf' {
        foreach ($command in 'Clear-StreamingData', 'Remove-StreamingSchema', 'Remove-StreamingServer', 'Update-StreamingServer') {
            (Get-Command $command).ImplementingType.GetCustomAttributes([Management.Automation.CmdletAttribute], $false).ConfirmImpact | Should -Be 'High'
        }
        Clear-StreamingData -WhatIf
        Remove-StreamingSchema -WhatIf
        Get-RowCount $connection 'users' | Should -Be 10
    }

    It 'clear only what StreamingPg loaded' {
        $null = Invoke-Sql $connection "INSERT INTO clearing.users (user_id) VALUES (gen_random_uuid())"
        { Clear-StreamingData -Confirm:$false } | Should -Throw -ErrorId 'RowsNotLoadedByUs,*'
        $cleared = Clear-StreamingData -Force -Confirm:$false
        $cleared.Table | Should -Be 'detailed_transactions', 'transactions', 'users'
        ($cleared | Where-Object Table -EQ users).Removed | Should -Be 11
        Get-StreamingBatch | Should -BeNullOrEmpty
        (Invoke-StreamingBatch).BatchNumber | Should -Be 1
    }

    It 'remove only what StreamingPg made' {
        $removed = Remove-StreamingSchema -Confirm:$false
        ($removed | Where-Object Action -EQ Removed).Kind | Should -Be 'table', 'table', 'table', 'ledger', 'schema'
        Remove-StreamingSchema -Confirm:$false | Should -BeNullOrEmpty
        $null = Initialize-StreamingSchema
    }
}

Describe 'Remove-StreamingServer' {
    It 'deletes a server, and names sessions in the way' {
        $path = Join-Path $global:StreamingPgTestFolder 'removed'
        { Remove-StreamingServer -Path $path -Confirm:$false } | Should -Throw -ErrorId 'ServerNotCreated,*'
        $server = Start-StreamingServer -Path $path
        $handle = $server | Connect-StreamingDatabase
        try {
            $server.Psql | Should -Match 'passfile='
            "$($server.Psql) $($server.Uri) $($server.Jdbc)" | Should -Not -Match (Get-Content $server.PasswordFile).Split(':')[-1]
            $open = $handle.DataSource.OpenConnection()
            { Remove-StreamingServer -Path $path -Confirm:$false } | Should -Throw -ErrorId 'ServerInUse,*'
            Remove-StreamingServer -Path $path -WhatIf
            $path | Should -Exist
            (Remove-StreamingServer -Path $path -Force -Confirm:$false).State | Should -Be 'NotCreated'
            $path | Should -Not -Exist
        }
        finally {
            $open.Dispose()
            Disconnect-StreamingDatabase $handle
            $null = Start-StreamingServer
        }
    }
}
