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
        $result = Invoke-DocPage $page $database $folder -Seconds 2
        $result.Failed | Should -Match '^hangs.md:5: .*did not end within 2 s'
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
