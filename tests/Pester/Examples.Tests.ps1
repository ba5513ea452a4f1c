BeforeDiscovery {
    $models = Get-ChildItem "$PSScriptRoot/../../examples/shop.json", "$PSScriptRoot/../../examples/models/*.json" | ForEach-Object { @{ Model = $_.BaseName; Path = $_.FullName } }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    $examples = Join-Path $PSScriptRoot '../../examples' | Resolve-Path
    $docs = Join-Path $PSScriptRoot '../../docs' | Resolve-Path

    # A fenced block of a page, by what stands before its text.
    function Get-DocText([string] $Page, [string] $Start) {
        [regex]::Match([IO.File]::ReadAllText("$docs/$Page").ReplaceLineEndings("`n"), "(?s)$([regex]::Escape($Start))\n(.*?)``````").Groups[1].Value
    }

    function Get-ExampleText([string] $Name) {
        [IO.File]::ReadAllText("$examples/$Name").ReplaceLineEndings("`n")
    }
}

AfterAll {
    Disconnect-StreamingDatabase
}

Describe 'The models' {
    It '<Model> has ten tables or more, is filled twice, and its rows are sound' -ForEach $models {
        $connection = Connect-StreamingDatabase -Schema "model_$Model"
        $created = Initialize-StreamingSchema -Metadata $Path
        @($created | Where-Object Kind -EQ table).Count | Should -BeGreaterOrEqual 10
        foreach ($seed in 1, 2) {
            $batch = Invoke-StreamingBatch -Metadata $Path -Seed $seed -ReferenceTime '2026-01-01Z'
            $batch.Tables | Where-Object Rows -EQ 0 | ForEach-Object Table | Should -BeNullOrEmpty
        }
        $results = Test-StreamingIntegrity -Metadata $Path
        $results | Where-Object Passed -EQ $false | ForEach-Object { "$($_.Check): $($_.Count)" } | Should -BeNullOrEmpty
        $results | Where-Object Status -EQ NothingToCheck | ForEach-Object Check | Should -BeNullOrEmpty

        # People or companies with the e-mail addresses of their names, CHECKs that the server enforces, and a rhythm of the week.
        Get-StreamingMetadata -Metadata $Path | Group-Object Table | Where-Object {
            $_.Group.Generator -contains 'internet.email' -and @($_.Group.Generator -match '^(person.full_name|company.name)$')
        } | Should -Not -BeNullOrEmpty
        Invoke-Sql $connection "SELECT count(*) FROM pg_constraint WHERE contype = 'c' AND connamespace = '$(ConvertTo-QuotedName "model_$Model")'::regnamespace" |
            Should -BeGreaterOrEqual 5
        (Get-Content -Raw $Path | ConvertFrom-Json).'$rhythm'.hours | Sort-Object -Unique | Should -Not -HaveCount 1
        $null = Invoke-Sql $connection "DROP SCHEMA $(ConvertTo-QuotedName "model_$Model") CASCADE"
    }
}

Describe 'The page of models' {
    It 'shows them as they are' {
        $page = Join-Path $TestDrive 'models.md'
        & "$PSScriptRoot/../../tools/New-ModelPage.ps1" -Path $page
        Get-Content -Raw "$docs/models.md" | Should -BeExactly (Get-Content -Raw $page) -Because 'tools/New-ModelPage.ps1 writes it'
    }
}

Describe 'The examples' {
    It 'custom-load.ps1 loads changed users into a table of its own, and again without duplicates' {
        $connection = Connect-StreamingDatabase -Schema 'crm'
        foreach ($round in 1, 2) {
            $result = & $examples/custom-load.ps1 -Count 20 -Schema crm
            $result.Table | Should -Be 'contacts'
        }
        Get-RowCount $connection 'contacts' | Should -Be 20
        Invoke-Sql $connection "SELECT count(*) FROM crm.contacts WHERE city <> upper(city) OR email <> lower(email)" | Should -Be 0
    }

    It 'walkthrough.ps1 runs from the first cell to the last' {
        $text = & $examples/walkthrough.ps1 -Schema walk -Folder $TestDrive | Out-String
        $text | Should -Match 'Passed +\d+'
        $text | Should -Match 'To start over: DROP SCHEMA walk CASCADE'
        Join-Path $TestDrive 'walkthrough.html' | Should -Exist
        (Invoke-Sql (Connect-StreamingDatabase -Schema walk) 'SELECT count(*) FROM walk.customers WHERE full_name = upper(full_name)') | Should -BeGreaterOrEqual 3
    }

    It 'database.Tests.ps1 is a suite that passes' {
        $script = @"
            Import-Module '$((Get-Module Pester).Path)'
            Import-Module '$manifest'
            `$result = Invoke-Pester -Path '$examples/database.Tests.ps1' -PassThru -Output None
            `$result.Failed | ForEach-Object { "`$(`$_.Name): `$(`$_.ErrorRecord)" }
            "`$(`$result.PassedCount) passed, `$(`$result.FailedCount) failed"
"@
        Invoke-FreshPowerShell $script | Should -Be '4 passed, 0 failed'
    }

    It 'debezium.json reads the publication that its page makes' {
        $settings = (Get-ExampleText cdc/debezium.json | ConvertFrom-Json).config
        Get-ExampleText cdc/README.md | Should -Match "-Publication $($settings.'publication.name')|--publication $($settings.'publication.name')"
        $settings.'plugin.name' | Should -Be 'pgoutput'
    }

    It 'change-data-capture.ps1 sees each row that was added and removed, and leaves no slot' {
        $path = Join-Path $global:StreamingPgTestFolder 'cdc'
        try {
            $changes = & $examples/cdc/change-data-capture.ps1 -Path $path
            foreach ($table in @{ users = 2; transactions = 3; detailed_transactions = 5 }.GetEnumerator()) {
                foreach ($action in 'INSERT', 'DELETE') {
                    @($changes | Where-Object { $_.Table -eq $table.Key -and $_.Action -eq $action }).Count | Should -Be $table.Value -Because "$action of $($table.Key)"
                }
            }
            (Get-StreamingServer -Path $path).State | Should -Be 'Stopped'
        }
        finally {
            $null = Start-StreamingServer -Path $global:StreamingPgTestFolder/server
        }
    }

    It 'the schedules are those of the page, and what they run is a command' {
        Get-ExampleText 'schedule/streamingpg.service' | Should -BeExactly (Get-DocText scheduling.md '```ini')
        Get-ExampleText 'schedule/streamingpg.cron' | Should -BeExactly (Get-DocText scheduling.md '```cron')
        $whatIf = Invoke-FreshPowerShell "& '$examples/schedule/Register-StreamingTask.ps1' -Program C:\StreamingPg\streamingpg.exe -WhatIf"
        "$whatIf" | Should -Match 'What if: .*stream --interval 1m --log-path "C:\\StreamingPg\\stream.jsonl"'
        $streamingpg = Get-Item "$PSScriptRoot/../../output/cli/streamingpg*" | Where-Object Extension -In '', '.exe' | Select-Object -First 1
        $help = & $streamingpg stream --help | Out-String
        $help | Should -Match '--interval'
        $help | Should -Match '--log-path'
        & $streamingpg batch --help | Out-String | Should -Match '--json'
    }

    It 'the pipelines are those of the page, and their commands seed a database' {
        Get-ExampleText 'ci/github.yml' | Should -BeExactly (Get-DocText ci.md "<!-- file: github.yml -->`n``````yaml")
        Get-ExampleText 'ci/gitlab-ci.yml' | Should -BeExactly (Get-DocText ci.md "<!-- file: .gitlab-ci.yml -->`n``````yaml")
        Get-ExampleText 'ci/azure-pipelines.yml' | Should -BeExactly (Get-DocText ci.md "<!-- file: azure-pipelines.yml -->`n``````yaml")
        $commands = foreach ($file in 'ci/gitlab-ci.yml', 'ci/azure-pipelines.yml') {
            , @((Get-ExampleText $file).Split("`n").Trim(' ', '-') -match '^streamingpg ')
        }
        $commands[0] | Should -Be $commands[1]
        $commands[0] | Should -HaveCount 3
        $streamingpg = Get-Item "$PSScriptRoot/../../output/cli/streamingpg*" | Where-Object Extension -In '', '.exe' | Select-Object -First 1
        foreach ($command in $commands[0]) {
            $output = & $streamingpg (@($command -split ' ' | Select-Object -Skip 1) + '--schema' + 'pipeline') 2>&1 | Out-String
            $LASTEXITCODE | Should -Be 0 -Because $output
        }
        Get-RowCount (Connect-StreamingDatabase -Schema pipeline) 'detailed_transactions' | Should -Be 1000
    }

    It 'are all in a test' {
        $tests = "$(Get-ChildItem "$PSScriptRoot/.." -Recurse -Include *.cs, *.Tests.ps1 | Get-Content -Raw)"
        Get-ChildItem $examples -Recurse -File | Where-Object DirectoryName -NotLike '*models' |
            Where-Object { -not $tests.Contains($_.Name) -and -not (Test-Path ($_.FullName -replace '\.json$', '.ps1')) } |
            ForEach-Object Name | Should -BeNullOrEmpty
    }

    It 'rhythm.ps1 gives office hours and quiet weekends' {
        $null = New-TestSchema 'rhythm'
        $days = & $examples/rhythm.ps1 -Weeks 4 -TimeZone UTC
        $days.Group | Should -Be 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'
        ($days | Measure-Object Events -Sum).Sum | Should -Be 4000
        ($days[5, 6] | Measure-Object Events -Sum).Sum | Should -BeLessThan 1400
        $office = ($days | ForEach-Object { ([long[]] $_.Hours)[9..16] } | Measure-Object -Sum).Sum
        $office | Should -BeGreaterThan 2000 -Because 'that is half of the events in a third of the day'
    }

    It 'late-arrivals.ps1 has rows that come late, and counts them' {
        $connection = New-TestSchema 'late'
        $results = & $examples/late-arrivals.ps1 -Share 0.3 -StreamFor 2s -InformationVariable said 6> $null
        "$said" | Should -Match '[1-9]\d* of [1-9]\d* rows came late; [1-9]\d* transactions are older'
        $late = $results | Where-Object Group -In '5 min to 1 h', '1 to 6 h' | Measure-Object Events -Sum
        $late.Sum | Should -Be (Invoke-Sql $connection "SELECT count(*) FROM late.transactions WHERE transaction_date < (SELECT min(reference_time) - interval '4 minutes' FROM late.batch_ledger)")
    }

    It 'dashboard.ps1 serves a page while its stream runs, and ends with it' {
        $null = New-TestSchema 'live'
        $page, $sum = & $examples/dashboard.ps1 -For 500ms -Interval 100ms
        $page | Should -BeOfType StreamingPg.StreamingDashboard
        $page.AllowControl | Should -BeTrue
        $sum.Batches | Should -BeGreaterThan 0
        $sum.Rows | Should -Be (140 * $sum.Batches)
        { Invoke-WebRequest $page.Link } | Should -Throw
    }

    It 'own-generators.ps1 makes the same references for the same seed' {
        $null = Connect-StreamingDatabase -Schema 'own_a'
        $runs = foreach ($schema in 'own_a', 'own_b') {
            , (& $examples/own-generators.ps1 -Schema $schema -Rows 50 -Seed 7)
        }
        $runs[0] | Should -HaveCount 5
        $runs[0] | ForEach-Object reference | Should -Match '^(DE|FR|IT)-\d{7}-\d\d$'
        $runs[1].reference | Should -Be $runs[0].reference
        $runs[0] | ForEach-Object { ($_.weight -ge 2000) -eq ($_.carrier -eq 'Freight') } | Should -Not -Contain $false
    }

    It 'rules.ps1 finds no invoice that contradicts itself' {
        $null = Connect-StreamingDatabase -Schema 'billing'
        $invoices = & $examples/rules.ps1 -Schema billing
        $invoices | Should -HaveCount 3
        $invoices | ForEach-Object number | Should -Match '^INV-\d{4}-\d{5}$'
    }

    It 'twin.ps1 makes a small twin that is like its original' {
        $null = New-TestSchema 'original'
        $null = Invoke-StreamingBatch -Users 300 -Transactions 1200 -Details 4000 -Seed 1
        $connection = Connect-StreamingDatabase -Schema 'twin'
        $results = & $examples/twin.ps1 -Original original -Twin twin -Scale 0.5 -Path "$TestDrive/twin.json"
        Get-RowCount $connection 'users' | Should -Be 150
        Get-RowCount $connection 'transactions' | Should -BeIn (400..800)
        $overall = $results | Where-Object Measure -EQ Overall
        $overall.Against | Should -Be 'original'
        $overall.Likeness | Should -BeGreaterThan 0.8
        $text = $results | Out-String -Width 80
        $text | Should -Match 'Overall .*all columns'
        $text | Should -Not -Match '\u2026'
    }

    It 'are all in their list, which has no others' {
        $listed = [regex]::Matches((Get-ExampleText README.md), '\]\((?!\.\.)([^)]+\.\w+)\)').ForEach{ $_.Groups[1].Value } | Sort-Object -Unique
        $there = Get-ChildItem $examples -Recurse -File | ForEach-Object { [IO.Path]::GetRelativePath($examples, $_.FullName) -replace '\\', '/' }
        $there | Where-Object { $_ -ne 'README.md' } | Sort-Object | Should -Be $listed
    }

    It 'history.ps1 makes a past that a stream continues' {
        $connection = New-TestSchema 'past'
        $report = Join-Path $TestDrive 'history.html'
        $results = & $examples/history.ps1 -History 2d -StreamFor 2s -Interval 1m -Report $report
        $history = $results[0]
        $history | Should -BeOfType StreamingPg.BatchResult
        $stream = $results[1]
        $stream.Count | Should -BeGreaterThan 0
        $rows = 0
        foreach ($table in 'users', 'transactions', 'detailed_transactions') {
            $rows += Invoke-Sql $connection "SELECT count(*) FROM past.$table"
        }
        $rows | Should -Be ($history.TotalRows + $stream.Sum)
        @($results | Where-Object { $_ -is [StreamingPg.EventTimeCount] -and $_.Group -eq 'Mon' }).Count | Should -Be 1
        $report | Should -FileContentMatch 'Hours of the week'
        Test-StreamingIntegrity | Where-Object { -not $_.Passed } | Should -BeNullOrEmpty
    }
}
