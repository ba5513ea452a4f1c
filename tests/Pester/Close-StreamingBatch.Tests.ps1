BeforeAll {
    . $PSScriptRoot/Common.ps1
    $connection = New-TestSchema 'closing'

    function New-UnfinishedBatch {
        $id = [guid]::NewGuid()
        $null = Invoke-StreamingBatch -BatchId $id -Users 300 -Transactions 600 -Details 900 -ChunkSize 600
        $null = Invoke-Sql $connection "DELETE FROM closing.batch_ledger WHERE batch_id = '$id' AND part = 2"
        $id
    }
}

AfterAll {
    Disconnect-StreamingDatabase
}

Describe 'Close-StreamingBatch' {
    It 'closes what Get-StreamingBatch lists as incomplete, and says what it had' {
        $id = New-UnfinishedBatch
        $entry = Get-StreamingBatch -Status Incomplete
        $entry.MissingChunks | Should -Be 3

        Get-StreamingBatch -Status Incomplete | Close-StreamingBatch -WhatIf
        Get-StreamingBatch -Status Incomplete | Should -HaveCount 1

        $closed = Get-StreamingBatch -Status Incomplete | Close-StreamingBatch -Confirm:$false
        $closed.BatchId | Should -Be $id
        $closed.Rows | Should -Be 'Keep'
        $closed.ChunksLoaded | Should -Be 2
        Get-StreamingBatch -Status Incomplete | Should -BeNullOrEmpty
        (Get-StreamingBatch $id).Status | Should -Be 'Closed'
    }

    It 'removes the rows of the batch if that is wanted' {
        $id = New-UnfinishedBatch
        $closed = Close-StreamingBatch $id -Rows Remove -Confirm:$false
        ($closed.Removed | Measure-Object Removed -Sum).Sum | Should -Be ($closed.Loaded | Measure-Object Rows -Sum).Sum
    }

    It 'does not resume a closed batch' {
        $id = New-UnfinishedBatch
        $null = Close-StreamingBatch $id -Confirm:$false
        { Invoke-StreamingBatch -BatchId $id -Resume } | Should -Throw -ErrorId 'BatchClosed,*'
    }

    It 'asks first' {
        (Get-Command Close-StreamingBatch).Parameters.Keys | Should -Contain 'Confirm'
        (Get-Command Close-StreamingBatch).ImplementingType.GetCustomAttributes([Management.Automation.CmdletAttribute], $false).ConfirmImpact | Should -Be 'High'
    }
}
