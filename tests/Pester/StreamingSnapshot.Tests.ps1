BeforeAll {
    . $PSScriptRoot/Common.ps1
    # A database of its own: the others of the run have sessions open.
    $admin = (Connect-StreamingDatabase).Copy()
    $null = Invoke-Sql $admin 'DROP DATABASE IF EXISTS snapped WITH (FORCE)'
    $null = Invoke-Sql $admin 'CREATE DATABASE snapped'
    $null = Invoke-Sql $admin "ALTER DATABASE snapped SET search_path = 'streaming', 'public'"
    $null = Invoke-Sql $admin "COMMENT ON DATABASE snapped IS 'mine'"
    $null = Connect-StreamingDatabase -Database snapped
    $null = Initialize-StreamingSchema
    $null = Invoke-StreamingBatch -Users 20 -Transactions 40 -Details 60

    function Get-UserCount { (Invoke-StreamingQuery 'SELECT count(*) AS n FROM users').n }
}

AfterAll {
    Get-StreamingSnapshot | Remove-StreamingSnapshot -Confirm:$false
    Disconnect-StreamingDatabase
    $null = Invoke-Sql $admin 'DROP DATABASE IF EXISTS snapped WITH (FORCE)'
    $admin.Dispose()
}

Describe 'A snapshot' {
    It 'is saved, listed, restored again and again, and removed' {
        $others = Invoke-Sql $admin "SELECT count(*) FROM pg_database WHERE datname LIKE 'streamingpg%'"
        Save-StreamingSnapshot filled -WhatIf
        Get-StreamingSnapshot | Should -BeNullOrEmpty
        $saved = Save-StreamingSnapshot filled
        $saved.Name | Should -Be 'filled'
        $saved.Database | Should -Be 'snapped'
        $saved.Bytes | Should -BeGreaterThan 1MB
        (Get-StreamingSnapshot).Name | Should -Be 'filled'

        foreach ($time in 1, 2) {
            $null = Invoke-StreamingBatch
            $null = Clear-StreamingData -Confirm:$false
            Get-UserCount | Should -Be 0
            $restored = Restore-StreamingSnapshot filled
            $restored.Duration | Should -BeGreaterThan ([timespan]::Zero)
            Get-UserCount | Should -Be 20
            Get-StreamingBatch | Should -HaveCount 1
        }

        # What belongs to the database and not to its content stays.
        (Invoke-StreamingQuery "SELECT shobj_description(oid, 'pg_database') AS c FROM pg_database WHERE datname = 'snapped'").c | Should -Be 'mine'
        (Invoke-StreamingQuery "SELECT setconfig[1] AS s FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE datname = 'snapped'").s |
            Should -Be 'search_path=streaming, public'
        (Get-StreamingSnapshot).Name | Should -Be 'filled'

        { Save-StreamingSnapshot filled } | Should -Throw -ErrorId 'SnapshotExists,*'
        { Restore-StreamingSnapshot other } | Should -Throw -ErrorId 'SnapshotUnknown,*'
        $null = Save-StreamingSnapshot filled -Force
        Get-StreamingSnapshot | Remove-StreamingSnapshot -Confirm:$false | Should -HaveCount 1
        Get-StreamingSnapshot | Should -BeNullOrEmpty
        Invoke-Sql $admin "SELECT count(*) FROM pg_database WHERE datname LIKE 'streamingpg%'" | Should -Be $others
    }

    It 'names sessions in the way, and ends them on request only' {
        $null = Save-StreamingSnapshot
        $other = (Connect-StreamingDatabase -Database snapped).Copy()
        try {
            $open = $other.DataSource.OpenConnection()
            { Restore-StreamingSnapshot } | Should -Throw -ErrorId 'DatabaseInUse,*'
            { Restore-StreamingSnapshot } | Should -Throw '*StreamingPg/* of role streaming*'
            Get-UserCount | Should -Be 20
            $null = Restore-StreamingSnapshot -EndSession
            Get-UserCount | Should -Be 20
        }
        finally {
            $open.Dispose()
            $other.Dispose()
        }
    }
}
