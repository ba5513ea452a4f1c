BeforeAll {
    . $PSScriptRoot/Common.ps1

    # What Tab offers at the end of a line.
    function Get-Completion([string] $Line) {
        @((TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches)
    }
}

Describe 'Tab' {
    BeforeAll {
        $connection = New-TestSchema 'completion'
        $first = Invoke-StreamingBatch
        $second = Invoke-StreamingBatch
        $shop = "$PSScriptRoot/../../examples/shop.json"
    }

    AfterAll {
        Disconnect-StreamingDatabase
    }

    It 'offers the tables of the metadata, and without it the default ones' {
        (Get-Completion 'New-StreamingRow -Table ').CompletionText | Should -Be 'users', 'transactions', 'detailed_transactions'
        (Get-Completion "New-StreamingRow -Metadata '$shop' -Table re").CompletionText | Should -Be 'reviews'
        (Get-Completion 'New-StreamingRow -Metadata /no/such.json -Table ') | Should -BeNullOrEmpty
    }

    It 'offers -Rows as a hash table that runs as it stands' {
        $rows = (Get-Completion 'Invoke-StreamingBatch -Rows ').CompletionText
        (Invoke-Expression "Invoke-StreamingBatch -Rows $rows").TotalRows | Should -Be $first.TotalRows
    }

    It 'offers batches, the latest first, with time and rows' {
        $batches = Get-Completion 'Get-StreamingBatch -BatchId '
        $batches.CompletionText | Select-Object -First 2 | Should -Not -Contain $first.BatchId
        $batches.CompletionText | Should -Contain "$($second.BatchId)"
        ($batches | Where-Object CompletionText -EQ $second.BatchId).ToolTip | Should -Match '140 rows, 1 of 1 chunks'
        Get-Completion 'Invoke-StreamingBatch -Resume -BatchId ' | Should -BeNullOrEmpty
    }

    It 'offers a threshold that is taken as it stands' {
        $threshold = (Get-Completion 'Test-StreamingHealth -Threshold ').CompletionText
        { Invoke-Expression "Test-StreamingHealth -Threshold $($threshold[0])" } | Should -Not -Throw
    }

    It 'offers the checks, the schemas and the databases' {
        (Get-Completion 'Test-StreamingIntegrity -Check Sequ').CompletionText | Should -Contain "'Sequence *'"
        (Get-Completion 'Get-StreamingGrowth -Schema compl').CompletionText | Should -Be 'completion'
        (Get-Completion 'Connect-StreamingDatabase -Database post').CompletionText | Should -Be 'postgres'
    }

    It 'offers no file where no file is meant: <_>' -ForEach 'Connect-StreamingDatabase -HostName ', 'Connect-StreamingDatabase -Port ' {
        Get-Completion $_ | Should -BeNullOrEmpty
    }
}
