# Every command of README.md and docs/*.md runs, page by page, as its reader would run it.

BeforeDiscovery {
    $top = Join-Path $PSScriptRoot '../..' | Resolve-Path
    $pages = @(Get-Item "$top/README.md") + @(Get-ChildItem "$top/docs/*.md") | ForEach-Object { @{ Page = [IO.Path]::GetRelativePath($top, $_.FullName); Path = $_.FullName } }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/DocPage.ps1
    $folder = Join-Path $global:StreamingPgTestFolder 'docs'
    $null = New-Item -ItemType Directory -Path $folder
    $admin = Connect-StreamingDatabase -Server (Get-StreamingServer -Path $global:StreamingPgTestFolder/server)
    $database = 'docs page'
}

AfterAll {
    Disconnect-StreamingDatabase $admin
}

Describe 'The pages' {
    BeforeEach {
        $null = Invoke-Sql $admin "CREATE DATABASE $(ConvertTo-QuotedName $database)"
    }

    AfterEach {
        $null = Invoke-Sql $admin "DROP DATABASE IF EXISTS $(ConvertTo-QuotedName $database) WITH (FORCE)"
    }

    It '<Page> runs' -ForEach $pages {
        $result = Invoke-DocPage $Path $database $folder
        $notRun = $result.NotRun | Group-Object | ForEach-Object { "$($_.Count) $($_.Name)" }
        Write-Host "    ${Page}: $($result.Run) run$($notRun ? ", not run: $($notRun -join '; ')" : '')"
        $result.Failed -join "`n" | Should -BeNullOrEmpty -Because "its output was:`n$($result.Output)"
    }

    It 'a page that is wrong fails with its line, whatever the language' {
        $page = Join-Path $folder 'wrong.md'
        Set-Content -LiteralPath $page -Value @'
# Wrong

```powershell
$sum = 1 + 1
Get-StreamingGrowth -Schema not_there
```

```sh
true
streamingpg growth --no-such-option
```

```sql
SELECT 1
  FROM not_there;
```

```json
{ "users": { "columns": { "id": { "type": "NOTHING" } } } }
```

<!-- not run: needs Docker -->
```sh
false
```

<!-- file: kept.txt -->
```text
kept
```

```powershell
if ($sum -ne 2 -or (Get-Content kept.txt) -ne 'kept') { throw 'The session or the file was lost.' }
```

```klingon
Qapla'
```
'@
        $result = Invoke-DocPage $page $database $folder
        $result.Failed | Should -HaveCount 5
        $result.Failed[0] | Should -Match '^wrong.md:5: .*TableNotFound'
        $result.Failed[1] | Should -Match '(?s)^wrong.md:9: .*wrong.md:10: streamingpg growth --no-such-option: exit code 2'
        $result.Failed[2] | Should -Match '^wrong.md:14: .*not_there.* does not exist'
        $result.Failed[3] | Should -Match '^wrong.md:19: .*InvalidMetadata'
        $result.Failed[4] | Should -Match '^wrong.md:37: .*klingon'
        $result.Run | Should -Be 1
        $result.NotRun | Should -Be 'needs Docker'
    }

    It 'a page that hangs is ended, with the line of the block' {
        $page = Join-Path $folder 'hangs.md'
        Set-Content -LiteralPath $page -Value "``````powershell`n1`n```````n``````powershell`nStart-Sleep 1000`n``````"
        $result = Invoke-DocPage $page $database $folder -Seconds 10
        $result.Failed | Should -Match '^hangs.md:5: .*did not end within 10 s'
    }
}

# Their text alone: no database.
Describe 'What the pages say' {
    It 'lead to files and sections that there are' {
        $top = Join-Path $PSScriptRoot '../..' | Resolve-Path
        $sections = @{}
        function Get-Prose([string] $File) {
            [regex]::Replace([IO.File]::ReadAllText($File), '(?ms)^\s*```.*?^\s*```', '')
        }
        function Get-Section([string] $File) {
            $sections[$File] ??= @((Get-Prose $File) -split '\r?\n' -match '^#+ ' | ForEach-Object {
                ($_ -replace '^#+ ' -replace '\[([^\]]*)\]\([^)]*\)', '$1').Trim().ToLowerInvariant() -replace '[^\w\- ]' -replace ' ', '-'
            })
            , $sections[$File]
        }
        $links = 0
        $broken = foreach ($file in Get-Item "$top/*.md", "$top/docs/*.md", "$top/docs/en-US/*.md", "$top/examples/*.md", "$top/examples/*/*.md", "$top/bench/*.md") {
            foreach ($link in [regex]::Matches((Get-Prose $file), '\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)')) {
                $links++
                $target = $link.Groups[1].Value ? (Join-Path $file.DirectoryName $link.Groups[1].Value) : $file.FullName
                if (-not (Test-Path -LiteralPath $target) -or ($link.Groups[2].Success -and (Get-Section $target) -cnotcontains $link.Groups[2].Value)) {
                    "$($file.Name): $($link.Value)"
                }
            }
        }
        $broken | Should -BeNullOrEmpty
        $links | Should -BeGreaterThan 300
    }

    It 'read in the order of their table of contents, each leading to the next' {
        $docs = Join-Path $PSScriptRoot '../../docs' | Resolve-Path
        $pages = @([regex]::Matches([IO.File]::ReadAllText("$docs/README.md"), '\[([^\]]+)\]\(([\w-]+\.md)\)'))
        $pages | ForEach-Object { $_.Groups[2].Value } | Sort-Object |
            Should -Be (Get-ChildItem "$docs/*.md" -Exclude README.md | ForEach-Object Name | Sort-Object)
        foreach ($i in 0..($pages.Count - 1)) {
            $next = $i -lt $pages.Count - 1 ? "Next: $($pages[$i + 1].Value). " : ''
            Get-Content "$docs/$($pages[$i].Groups[2].Value)" | Select-Object -Last 1 | Should -BeExactly "$next[All pages](README.md)"
        }
    }

    It 'name each cmdlet in the README and beside its SQL' {
        foreach ($page in 'README.md', 'docs/sql.md') {
            $text = Get-Content -Raw "$PSScriptRoot/../../$page"
            (Get-Command -Module StreamingPg).Name | Where-Object { $text -notmatch "$_\b" } | Should -BeNullOrEmpty -Because "$page names them"
        }
    }

    It 'list the inputs of the GitHub action as they are, and use no others' {
        $top = Join-Path $PSScriptRoot '../..' | Resolve-Path
        $inputs = [regex]::Matches([regex]::Match([IO.File]::ReadAllText("$top/action.yml"), '(?ms)^inputs:(.*?)^\w').Groups[1].Value, '(?m)^  (\w+):').ForEach{ $_.Groups[1].Value }
        $page = [IO.File]::ReadAllText("$top/docs/containers.md")
        [regex]::Matches($page, '(?m)^\| `(\w+)` \|').ForEach{ $_.Groups[1].Value } | Should -Be $inputs
        foreach ($text in $page, [IO.File]::ReadAllText("$top/docs/ci.md")) {
            $used = [regex]::Match($text, '(?ms)- uses: OWNER/REPOSITORY.*?with:\r?\n(.*?)^(?:```|      - )').Groups[1].Value
            $names = [regex]::Matches($used, '(?m)^ +(\w+):').ForEach{ $_.Groups[1].Value }
            $names | Should -Not -BeNullOrEmpty
            $names | Where-Object { $_ -notin $inputs } | Should -BeNullOrEmpty
        }
    }

    It 'name errors and cmdlets that there are' {
        $docs = Join-Path $PSScriptRoot '../../docs' | Resolve-Path
        $ids = [StreamingPg.ErrorIds].GetFields().Name
        $named = [regex]::Matches([IO.File]::ReadAllText("$docs/troubleshooting.md"), '(?m)^\| ((?:`\w+`(?:, )?)+) \|').ForEach{ $_.Groups[1].Value -split '[`, ]+' -ne '' }
        $named.Count | Should -BeGreaterThan 30
        $named | Where-Object { $_ -notin $ids } | Should -BeNullOrEmpty
        $commands = (Get-Command -Module StreamingPg).Name
        foreach ($page in Get-Item "$docs/*.md", "$docs/../README.md") {
            [regex]::Matches([IO.File]::ReadAllText($page), '\b[A-Z][a-z]+-Streaming\w+').Value | Where-Object { $_ -notin $commands } |
                Should -BeNullOrEmpty -Because "$($page.Name) names it"
        }
    }

    It 'have a home for each section of the documentation of the original' {
        $original = [regex]::Replace([IO.File]::ReadAllText("$PSScriptRoot/../Integration/OriginalDocument/original-pipeline.md"), '(?ms)^```.*?^```', '')
        $homes = (Get-Content -Raw "$PSScriptRoot/../../docs/migration.md") -split '(?m)^## ' | Select-Object -Last 1
        # The innermost ones: a heading, one of the numbered options of scaling, one of the points about production.
        $headings = [regex]::Matches($original, '(?m)^## [^A-Za-z]*(Overview|Architecture)|^### (?!\*\*(?:Scaling Options|Production Considerations))(.+)|^\d\. (\*\*.+)|^- (\*\*[^*]+\*\*): (?:Use|Tune|Implement|Add|Handle) ')
        $sections = $headings.ForEach{ "$($_.Groups[1..4])" -replace '\(`.*?`\)|\*' -replace '^\s*(Step )?\d[.:]' | ForEach-Object Trim }
        $sections | Should -HaveCount 34
        $sections | Where-Object { $homes -notmatch "(?m)^\| ([^|]*[:,] )?$([regex]::Escape($_))(,[^|]*)? \| \[" } | Should -BeNullOrEmpty
    }

    It 'show commands in fenced blocks only, which are run or say why not' {
        $indented = foreach ($file in Get-Item "$PSScriptRoot/../../docs/*.md") {
            $text = [regex]::Replace([IO.File]::ReadAllText($file), '(?ms)^```.*?^```', { param($match) "`n" * ($match.Value.Split("`n").Count - 1) })
            $lines = $text.Split("`n")
            foreach ($i in 1..($lines.Count - 1)) {
                if ($lines[$i] -match '^ {4}\S' -and -not $lines[$i - 1].Trim()) { "$($file.Name):$($i + 1): $($lines[$i].Trim())" }
            }
        }
        $indented -join "`n" | Should -BeNullOrEmpty
    }
}
