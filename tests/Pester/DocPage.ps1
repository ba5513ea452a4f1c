# The pages of docs and the README as their readers use them: the blocks of a page run in order, in one PowerShell, in an empty folder, on a
# database of their own. A page marks what it cannot run, what its reader saves as a file, and what the block before must have written, in the
# line above the block:
#
#   <!-- not run: needs Docker -->
#   <!-- file: shop.json -->
#   <!-- output -->
#
# With STREAMINGPG_UPDATE_DOCS set, an output that differs is written into the page instead of failing.

# What nothing can run: pictures, and the files of other programs.
$ShownLanguages = 'text', '', 'yaml', 'ini', 'cron', 'mermaid'

# The fenced blocks of a page, each with the line of its first text.
function Get-DocBlock([string] $Path) {
    $block = $null
    $mark = ''
    $number = 0
    foreach ($line in [IO.File]::ReadAllLines($Path)) {
        $number++
        if ($block) {
            if ($line -match '^\s*```\s*$') {
                [pscustomobject] $block
                $block = $null
                $mark = ''
            }
            else {
                $block.Text += "$line`n"
            }
        }
        elseif ($line -match '^\s*```(\S*)') {
            $block = @{
                Language = $Matches[1]
                Line = $number + 1
                Text = ''
                NotRun = $mark -match '^<!-- not run: (.+) -->$' ? $Matches[1] : $null
                File = $mark -match '^<!-- file: (\S+) -->$' ? $Matches[1] : $null
                Output = $mark -eq '<!-- output -->'
            }
        }
        elseif ($line.Trim()) {
            $mark = $line.Trim()
        }
    }
    if ($block) {
        throw "${Path}:$($block.Line - 1): this block has no end."
    }
}

# Writes the outputs that a page really had into it; the last one first, so that the lines before stay where they are.
function Update-DocOutput([string] $Path, $Blocks, $Output) {
    $lines = [Collections.Generic.List[string]] [IO.File]::ReadAllLines($Path)
    foreach ($new in $Output | Sort-Object Line -Descending) {
        $old = $Blocks | Where-Object Line -EQ $new.Line
        $lines.RemoveRange($new.Line - 1, $old.Text.Split("`n").Count - 1)
        $lines.InsertRange($new.Line - 1, [string[]] $new.Text.Split("`n"))
    }
    [IO.File]::WriteAllText($Path, ($lines -join "`n") + "`n")
}

# Waits for the end of a page, as long as it goes on: false if PowerShell did not start in two minutes, or a block did not end in time.
function Wait-DocPage([Diagnostics.Process] $Process, [string] $Result, [int] $Seconds) {
    $until = [datetime]::UtcNow.AddMinutes(2)
    while (-not $Process.WaitForExit(100)) {
        if (Test-Path -LiteralPath $Result) {
            $until = (Get-Item -LiteralPath $Result).LastWriteTimeUtc.AddSeconds($Seconds)
        }
        if ([datetime]::UtcNow -gt $until) {
            return $false
        }
    }
    $true
}

# Runs a page; gives the number of blocks that ran and were not run, and what failed: page, line and error.
function Invoke-DocPage([string] $Path, [string] $Database, [string] $Folder, [int] $Seconds = 120) {
    $name = Split-Path -Leaf $Path
    $blocks = @(Get-DocBlock $Path)
    if (-not ($blocks | Where-Object { -not $_.NotRun -and $_.Language -notin $ShownLanguages })) {
        return [pscustomobject]@{ Page = $name; Run = 0; NotRun = @($blocks | Where-Object Language | ForEach-Object { $_.NotRun ?? "$($_.Language), which is only shown" }); Failed = @(); Output = '' }
    }
    # Two pages may have the same name: README.md and docs/README.md.
    $Folder = New-Item -ItemType Directory -Path (Join-Path $Folder ([guid]::NewGuid().ToString('n')))
    $page = New-Item -ItemType Directory -Path (Join-Path $Folder 'page')
    $plan = Join-Path $Folder "$name.plan.json"
    $result = Join-Path $Folder "$name.result.json"
    @{ Page = $name; Folder = $page.FullName; Module = $manifest; Result = $result; Blocks = $blocks } | ConvertTo-Json -Depth 4 | Set-Content -LiteralPath $plan

    $server = Get-StreamingServer -Path $global:StreamingPgTestFolder/server
    $start = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
    foreach ($argument in @(Get-PowerShellAssembly) + '-NoProfile', '-NonInteractive', '-File', (Join-Path $PSScriptRoot 'Invoke-DocPlan.ps1'), $plan) {
        $start.ArgumentList.Add($argument)
    }
    $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $start.WorkingDirectory = $page.FullName
    $variables = @{
        POSTGRES_HOST = $server.HostName; POSTGRES_PORT = "$($server.Port)"; POSTGRES_USER = $server.UserName; POSTGRES_DB = $Database
        PGHOST = $server.HostName; PGPORT = "$($server.Port)"; PGUSER = $server.UserName; PGDATABASE = $Database
        PGPASSFILE = Join-Path $server.Path 'pgpass'
        PSModulePath = @(Join-Path $PSScriptRoot '../../output' | Resolve-Path) + (Join-Path $PSScriptRoot '../../output/modules' | Resolve-Path) + $env:PSModulePath -join [IO.Path]::PathSeparator
        PATH = "$(Join-Path $PSScriptRoot '../../output/cli' | Resolve-Path)$([IO.Path]::PathSeparator)$env:PATH"
    }
    foreach ($variable in $variables.GetEnumerator()) {
        $start.Environment[$variable.Key] = $variable.Value
    }

    $process = [Diagnostics.Process]::Start($start)
    $output = $process.StandardOutput.ReadToEndAsync()
    $errors = $process.StandardError.ReadToEndAsync()
    $ended = Wait-DocPage $process $result $Seconds
    if (-not $ended) {
        $process.Kill($true)
    }
    $said = (Test-Path -LiteralPath $result) ? (Get-Content -Raw -LiteralPath $result | ConvertFrom-Json) : $null
    $failed = @($said.Failed | Where-Object { $_ })
    if ($said.Outputs) {
        Update-DocOutput $Path $blocks $said.Outputs
    }
    if (-not $ended) {
        $failed += "${name}:$($said.Line): this block did not end within $Seconds s."
    }
    elseif ($process.ExitCode -ne 0) {
        $failed += "${name}: PowerShell ended with $($process.ExitCode): $($errors.Result)"
    }
    [pscustomobject]@{
        Page = $name
        Run = [int] $said.Run
        NotRun = @($blocks | Where-Object NotRun | ForEach-Object NotRun) + @($said.NotRun | Where-Object { $_ })
        Failed = $failed
        Output = $ended ? $output.Result : ''
    }
}
