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
        (& ([scriptblock]::Create("Invoke-StreamingBatch -Rows $rows"))).TotalRows | Should -Be $first.TotalRows
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
        { & ([scriptblock]::Create("Test-StreamingHealth -Threshold $($threshold[0])")) } | Should -Not -Throw
    }

    It 'offers the checks, the schemas and the databases' {
        (Get-Completion 'Test-StreamingIntegrity -Check Sequ').CompletionText | Should -Contain "'Sequence *'"
        (Get-Completion 'Get-StreamingGrowth -Schema compl').CompletionText | Should -Be 'completion'
        (Get-Completion 'Connect-StreamingDatabase -Database post').CompletionText | Should -Be 'postgres'
    }

    It 'offers the keys of a hash table: <Line>' -ForEach @(
        @{ Line = 'Invoke-StreamingBatch -Rows @{ '; Keys = 'users', 'transactions', 'detailed_transactions' }
        @{ Line = 'Invoke-StreamingBatch -Rows @{'; Keys = 'users', 'transactions', 'detailed_transactions' }
        @{ Line = 'Export-StreamingData -Rows @{ tr'; Keys = @('transactions') }
        @{ Line = 'Invoke-StreamingBatch -Rows @{ users = 3; '; Keys = 'transactions', 'detailed_transactions' }
        @{ Line = "Invoke-StreamingBatch -Metadata '$PSScriptRoot/../../examples/shop.json' -Rows @{ re"; Keys = @('reviews') }
        @{ Line = '$x = 1; Test-StreamingHealth -Threshold @{ Batch'; Keys = @('BatchAge') }
        @{ Line = "Invoke-StreamingBatch -Generator @{ 'users.e"; Keys = @("'users.email'") }
        @{ Line = 'Invoke-StreamingBatch -Rows @{ users = '; Keys = @() }
        @{ Line = 'Select-Object -Property @{ Na'; Keys = @('Name') }
        @{ Line = 'Get-Item -Path @{ us'; Keys = @() }
    ) {
        (Get-Completion $Line).CompletionText | Should -Be $Keys
    }

    It 'offers keys in the middle of a line, with what comes behind in mind' {
        $line = "Invoke-StreamingBatch -Rows @{ re } -Metadata '$shop'"
        $found = TabExpansion2 -inputScript $line -cursorColumn $line.IndexOf(' }')
        $found.CompletionMatches.CompletionText | Should -Be 'reviews'
        $line.Substring($found.ReplacementIndex, $found.ReplacementLength) | Should -Be 're'
        $global:StreamingPgDocument = $shop
        (Get-Completion 'Invoke-StreamingBatch -Metadata $StreamingPgDocument -Rows @{ re').CompletionText | Should -Be 'reviews'
        Remove-Variable StreamingPgDocument -Scope Global
    }

    It 'leaves the completion of the session as it was when the module is removed' {
        Invoke-FreshPowerShell @"
            `$before = "`$function:TabExpansion2"
            Import-Module '$manifest'
            "`$function:TabExpansion2" -eq `$before
            (TabExpansion2 'Get-ChildIte' 12).CompletionMatches.CompletionText
            Remove-Module StreamingPg
            "`$function:TabExpansion2" -eq `$before
"@ | Should -Be 'False', 'Get-ChildItem', 'True'
    }

    It 'completes where another module imports it, and where a function that wraps its own outlives it' {
        Invoke-FreshPowerShell @"
            New-Module Outer { Import-Module '$manifest' } | Import-Module
            "`$(Get-Module StreamingPg)" -eq ''
            (TabExpansion2 'Get-ChildIte' 12).CompletionMatches.CompletionText
            (TabExpansion2 'Invoke-StreamingBatch -Rows @{ us' 33).CompletionMatches.CompletionText
"@ | Should -Be 'True', 'Get-ChildItem', 'users'
        Invoke-FreshPowerShell @"
            Import-Module '$manifest'
            `$global:inner = `$function:TabExpansion2
            function global:TabExpansion2([string] `$inputScript, [int] `$cursorColumn) { & `$inner @PSBoundParameters }
            Remove-Module StreamingPg
            (TabExpansion2 'Get-ChildIte' 12).CompletionMatches.CompletionText
            (& `$inner 'Get-ChildIte').CompletionMatches.CompletionText
"@ | Should -Be 'Get-ChildItem', 'Get-ChildItem'
    }

    It 'sees the variables of where it is asked, and offers nothing of the module' {
        Invoke-FreshPowerShell @"
            Import-Module '$manifest'
            function Test-Local { `$localOfCaller = '$shop'
                (TabExpansion2 '`$localOfCal' 11).CompletionMatches.CompletionText
                (TabExpansion2 'Invoke-StreamingBatch -Metadata `$localOfCaller -Rows @{ re' 58).CompletionMatches.CompletionText
                (TabExpansion2 '`$streamingPg' 12).CompletionMatches.Count }
            Test-Local
            (TabExpansion2 'Complete-Li' 11).CompletionMatches.Count
            (TabExpansion2 '`$keyComplet' 11).CompletionMatches.Count
"@ | Should -Be '$localOfCaller', 'reviews', '0', '0', '0'
    }

    It 'asks the database that the line names' {
        Get-Completion 'Get-StreamingGrowth -HostName 127.0.0.1 -Port 1 -Schema ' | Should -BeNullOrEmpty
        (Get-Completion 'Get-StreamingGrowth -Database postgres -Schema ').CompletionText | Should -Not -Contain 'completion'
        (Get-Completion 'Get-StreamingGrowth -Database postgres -Schema ').CompletionText | Should -Contain 'public'
    }

    It 'offers no file where no file is meant: <_>' -ForEach 'Connect-StreamingDatabase -HostName ', 'Connect-StreamingDatabase -Port ' {
        Get-Completion $_ | Should -BeNullOrEmpty
    }
}
