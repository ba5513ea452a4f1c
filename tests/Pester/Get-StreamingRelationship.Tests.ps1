BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'Get-StreamingRelationship' {
    BeforeAll {
        $connection = New-TestSchema 'relationship'
        $null = Invoke-StreamingBatch
        $null = Invoke-Sql $connection 'INSERT INTO relationship.users (user_id) VALUES (gen_random_uuid())'
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'gives one object per foreign key' {
        $relationships = Get-StreamingRelationship
        $relationships | Should -BeOfType StreamingPg.TableRelationship
        $relationships.ForeignKey | Should -Be @(
            'transactions.user_id -> users.user_id'
            'detailed_transactions.transaction_id -> transactions.transaction_id'
            'detailed_transactions.user_id -> users.user_id')
        $relationships.Parents | Should -Be 11, 30, 11
        $relationships.Children | Should -Be 30, 100, 100
        $relationships[0].ParentsWithoutChildren | Should -BeGreaterThan 0
        $relationships[0].MinChildren | Should -Be 0
    }

    It 'goes by the time of the children' {
        (Get-StreamingRelationship -Since (Get-Date).AddDays(1)).Children | Should -Be 0, 0, 0
        { Get-StreamingRelationship -Since 2026-02-01 -Until 2026-01-01 } |
            Should -Throw -ErrorId 'TimeRangeEmpty,StreamingPg.Cmdlets.Commands.GetStreamingRelationshipCommand'
    }

    It 'fits a terminal of 100 columns' {
        $text = Get-StreamingRelationship | Out-String -Width 100
        $text | Should -Match 'detailed_transactions.transaction_id[^>]*-> transactions'
        $text | Should -Match 'Average'
    }

    It 'says that the tables are not there' {
        { Get-StreamingRelationship -Schema not_there } | Should -Throw -ErrorId '*,StreamingPg.Cmdlets.Commands.GetStreamingRelationshipCommand'
    }
}
