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

    It 'change-data-capture.ps1 sees each row that was added and removed, and leaves no slot' {
        $path = Join-Path $global:StreamingPgTestFolder 'cdc'
        try {
            $changes = & $examples/change-data-capture.ps1 -Path $path
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
