BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Get-StreamingBatch' {
    BeforeAll {
        $connection = New-TestSchema 'ledger'
        $first = Invoke-StreamingBatch
        $second = Invoke-StreamingBatch -Users 100 -Transactions 500 -Details 1000 -ChunkSize 400
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'lists the ledger, oldest first' {
        $entries = Get-StreamingBatch
        $entries | Should -BeOfType StreamingPg.LedgerEntry
        $entries.BatchId | Should -Be $first.BatchId, $second.BatchId
        $entries.TotalRows | Should -Be 140, 1600
        $entries.Status | Should -Be 'Complete', 'Complete'
        $entries[1].ChunksLoaded | Should -Be $second.Chunks
    }

    It 'narrows the list' {
        (Get-StreamingBatch -Last 1).BatchId | Should -Be $second.BatchId
        (Get-StreamingBatch $first.BatchId).BatchNumber | Should -Be $first.BatchNumber
        Get-StreamingBatch -Since (Get-Date).AddHours(1) | Should -BeNullOrEmpty
        @(Get-StreamingBatch -Since (Get-Date).AddHours(-1)).Count | Should -Be 2
    }

    It 'ends before -Until' {
        Get-StreamingBatch -Until (Get-Date).AddHours(-1) | Should -BeNullOrEmpty
        @(Get-StreamingBatch -Until (Get-Date).AddHours(1)).Count | Should -Be 2
    }

    It 'sums up the same batches' {
        $summary = Get-StreamingBatch -Summary -Per Day
        $summary | Should -BeOfType StreamingPg.LedgerSummary
        ($summary | Measure-Object Batches -Sum).Sum | Should -Be 2
        ($summary | Measure-Object Rows -Sum).Sum | Should -Be 1740
        (Get-StreamingBatch -Summary -Last 1).Rows | Should -Be 1600
        { Get-StreamingBatch -Per Day } | Should -Throw -ErrorId 'NeedsSummary,*'
    }

    It 'shows a batch that stopped midway, which -Resume completes' {
        $null = Invoke-Sql $connection @'
CREATE FUNCTION ledger.refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN IF NEW.part = 2 THEN RAISE SQLSTATE '23514'; END IF; RETURN NEW; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON ledger.batch_ledger FOR EACH ROW EXECUTE FUNCTION ledger.refuse();
'@
        $id = New-Guid
        { Invoke-StreamingBatch -BatchId $id -Users 100 -Transactions 500 -Details 1000 -ChunkSize 400 -ForeignKeyCheck Row } | Should -Throw
        $null = Invoke-Sql $connection 'DROP TRIGGER refuse ON ledger.batch_ledger'

        $stopped = Get-StreamingBatch -Status Incomplete
        $stopped.BatchId | Should -Be $id
        $stopped.ChunksLoaded | Should -Be 2
        { Invoke-StreamingBatch -BatchId $id } | Should -Throw -ErrorId 'BatchIncomplete,*'
        { Invoke-StreamingBatch -Resume } | Should -Throw -ErrorId 'ResumeNeedsBatchId,*'
        $resumed = Get-StreamingBatch -Status Incomplete | Invoke-StreamingBatch -Resume
        $resumed.TotalRows | Should -Be 1600
        $resumed.RowsLoadedBefore | Should -Be $stopped.TotalRows
        Get-StreamingBatch -Status Incomplete | Should -BeNullOrEmpty
        Test-StreamingIntegrity -Quiet | Should -BeTrue
    }
}
