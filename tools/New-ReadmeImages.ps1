#Requires -Version 7.4
<#
.SYNOPSIS
Makes the pictures of README.md and docs/dashboard.md from real runs: the first commands in a terminal, the report, and the live page.
.DESCRIPTION
Runs the commands on a private server in a temporary folder, which goes afterwards. The terminal is tmux, the report and the live page are
taken by Chromium; both must be on PATH. It takes three minutes, because the live page shows minutes of a stream.
.PARAMETER Module
Folder of the built module.
.PARAMETER Destination
Folder for the pictures.
.EXAMPLE
pwsh tools/New-ReadmeImages.ps1 -Module output/StreamingPg/0.1.0
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)]
    [string] $Module,

    [string] $Destination = (Join-Path (Split-Path $PSScriptRoot) 'docs/images')
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$columns = 120
$script:lastId = 0
$script:color = $null
$script:bold = $false
$modulePath = (Resolve-Path -LiteralPath (Join-Path $Module 'StreamingPg.psd1')).ProviderPath
$Destination = (Resolve-Path -LiteralPath $Destination).ProviderPath

$commands = @(
    'Import-Module StreamingPg'
    'Start-StreamingServer'
    'Initialize-StreamingSchema'
    'Invoke-StreamingBatch'
    'Test-StreamingIntegrity'
    'Get-StreamingGrowth'
    'New-StreamingUser -Count 5 | Format-Table'
)

# What a terminal shows when commands are typed in it, colours included: tmux is the terminal, in which a PowerShell of its own runs.
function Read-Terminal([string[]] $Command) {
    $name = "streamingpg-images-$PID"
    $setup = "function prompt { 'PS> ' }; Set-PSReadLineOption -PredictionSource None"
    # This PowerShell's own program, which dotnet runs where it is a .NET tool.
    $program = @([Environment]::ProcessPath) + @([Environment]::GetCommandLineArgs()[0] | Where-Object { [Environment]::ProcessPath -match 'dotnet(\.exe)?$' })
    & tmux -L $name new-session -d -x $columns -y 300 @program -NoProfile -NoLogo -NoExit -Command $setup
    try {
        foreach ($line in @('') + $Command) {
            & tmux -L $name send-keys -l $line
            & tmux -L $name send-keys Enter
            $until = [datetime]::UtcNow.AddMinutes(2)
            do {
                Start-Sleep -Milliseconds 500
                $shown = @(& tmux -L $name capture-pane -p | Where-Object { $_ })
                if ([datetime]::UtcNow -gt $until) {
                    throw "'$line' did not end in two minutes: $($shown -join "`n")"
                }
            } until ($shown -and $shown[-1] -eq 'PS>' -and $shown.Count -gt ($line ? 1 : 0))
        }
        $lines = @(& tmux -L $name capture-pane -p -e)
    }
    finally {
        & tmux -L $name kill-server
    }
    $plain = @($lines -replace '\e\[[\d;]*m')
    $first = [array]::FindIndex($plain, [Predicate[string]] { $args[0].TrimEnd() -eq "PS> $($Command[0])" })
    $last = [array]::FindLastIndex($plain, [Predicate[string]] { $args[0].TrimEnd() -eq 'PS>' })
    $lines[$first..($last - 1)]
}

$colors = @{ 30 = '#6e7681'; 31 = '#ff7b72'; 32 = '#3fb950'; 33 = '#e3b341'; 34 = '#58a6ff'; 35 = '#bc8cff'; 36 = '#39c5cf'; 37 = '#e6edf3' }

# The pieces of a line: column, text, style. No piece has two blanks in a row: where a picture's blanks collapse, nothing moves. A style goes on
# into the next line.
function Split-Line([string] $Line) {
    $column = 0
    foreach ($part in [regex]::Matches($Line, "\e\[([\d;]*)m|[^\e]+")) {
        if ($part.Groups[1].Success) {
            foreach ($code in @($part.Groups[1].Value -split ';' | ForEach-Object { [int] ($_ ? $_ : 0) })) {
                if ($code -eq 0) { $script:color = $null; $script:bold = $false }
                elseif ($code -eq 1) { $script:bold = $true }
                elseif ($code -eq 39) { $script:color = $null }
                elseif ($code -ge 90) { $script:color = $colors[$code - 60] }
                elseif ($colors.ContainsKey($code)) { $script:color = $colors[$code] }
            }
            continue
        }
        foreach ($word in [regex]::Matches($part.Value, '\S+(?: \S+)*')) {
            [pscustomobject]@{ Column = $column + $word.Index; Text = $word.Value; Color = $script:color; Bold = $script:bold }
        }
        $column += $part.Value.Length
    }
}

# A terminal as SVG. Each piece has its place and its width, so every font shows the same.
function ConvertTo-Svg([string[]] $Line, [string] $Title) {
    $width, $height, $left, $top = 8.43, 19, 16, 30
    $size = @([int] ($left * 2 + $columns * $width), [int] ($top + $Line.Count * $height))
    $invariant = [cultureinfo]::InvariantCulture
    $text = [Text.StringBuilder]::new()
    $null = $text.AppendLine("<svg xmlns=""http://www.w3.org/2000/svg"" width=""$($size[0])"" height=""$($size[1])"" viewBox=""0 0 $($size[0]) $($size[1])"" role=""img""><title>$Title</title>")
    $null = $text.AppendLine('<rect width="100%" height="100%" rx="8" fill="#0d1117"/>')
    $null = $text.AppendLine('<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="14" fill="#e6edf3">')
    for ($row = 0; $row -lt $Line.Count; $row++) {
        foreach ($piece in @(Split-Line $Line[$row])) {
            $place = [string]::Format($invariant, 'x="{0:0.0}" y="{1}" textLength="{2:0.0}" lengthAdjust="spacingAndGlyphs"',
                $left + $piece.Column * $width, $top + $row * $height, $piece.Text.Length * $width)
            $style = ($piece.Color ? " fill=""$($piece.Color)""" : '') + ($piece.Bold ? ' font-weight="bold"' : '')
            $null = $text.AppendLine("<text $place$style>$([Net.WebUtility]::HtmlEncode($piece.Text))</text>")
        }
    }
    $null = $text.Append("</g></svg>`n")
    $text.ToString()
}

# One command of Chromium's DevTools protocol, and its result.
function Invoke-Browser([Net.WebSockets.ClientWebSocket] $Socket, [string] $Method, [hashtable] $Parameters = @{}) {
    $script:lastId++
    $text = @{ id = $script:lastId; method = $Method; params = $Parameters } | ConvertTo-Json -Compress -Depth 5
    $null = $Socket.SendAsync([ArraySegment[byte]] [Text.Encoding]::UTF8.GetBytes($text), [Net.WebSockets.WebSocketMessageType]::Text, $true, [Threading.CancellationToken]::None).GetAwaiter().GetResult()
    $buffer = [byte[]]::new(1MB)
    do {
        $message = [IO.MemoryStream]::new()
        do {
            $received = $Socket.ReceiveAsync([ArraySegment[byte]]::new($buffer), [Threading.CancellationToken]::None).GetAwaiter().GetResult()
            $message.Write($buffer, 0, $received.Count)
        } until ($received.EndOfMessage)
        $answer = [Text.Encoding]::UTF8.GetString($message.ToArray()) | ConvertFrom-Json -AsHashtable
    } until ($answer['id'] -eq $script:lastId)
    $answer['result']
}

# A page as Chromium shows it, once a condition in it holds.
function Save-Page([string] $Address, [string] $Path, [int] $Width, [int] $Height, [string] $Ready = 'document.readyState === "complete" && document.querySelector("h1") !== null') {
    $chromium = Get-Command chromium, chromium-browser, google-chrome -CommandType Application -ErrorAction Ignore | Select-Object -First 1
    if (-not $chromium) {
        throw 'Chromium is not on PATH.'
    }
    $browser = Join-Path $folder "browser-$(New-Guid)"
    $process = Start-Process $chromium.Source '--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--remote-debugging-port=0', "--user-data-dir=$browser", 'about:blank' -PassThru `
        -RedirectStandardError (Join-Path $folder 'browser.err') -RedirectStandardOutput (Join-Path $folder 'browser.out')
    $socket = [Net.WebSockets.ClientWebSocket]::new()
    try {
        $until = [datetime]::UtcNow.AddSeconds(60)
        while (-not (Get-Content "$browser/DevToolsActivePort" -ErrorAction Ignore) -and [datetime]::UtcNow -lt $until) {
            Start-Sleep -Milliseconds 100
        }
        $tab = Invoke-RestMethod -Method Put "http://127.0.0.1:$((Get-Content "$browser/DevToolsActivePort")[0])/json/new"
        $null = $socket.ConnectAsync($tab.webSocketDebuggerUrl, [Threading.CancellationToken]::None).GetAwaiter().GetResult()
        $null = Invoke-Browser $socket 'Emulation.setDeviceMetricsOverride' @{ width = $Width; height = $Height; deviceScaleFactor = 1; mobile = $false }
        $null = Invoke-Browser $socket 'Page.navigate' @{ url = $Address }
        do {
            Start-Sleep -Milliseconds 100
            if ([datetime]::UtcNow -gt $until) {
                throw "$Address was not ready in a minute."
            }
        } until ((Invoke-Browser $socket 'Runtime.evaluate' @{ expression = $Ready; returnByValue = $true }).result['value'])
        [IO.File]::WriteAllBytes($Path, [Convert]::FromBase64String((Invoke-Browser $socket 'Page.captureScreenshot').data))
    }
    finally {
        $socket.Dispose()
        $process | Stop-Process -ErrorAction Ignore
        $process.WaitForExit()
    }
}

if (-not $PSCmdlet.ShouldProcess($Destination, 'Make the pictures')) {
    return
}

$folder = (New-Item -ItemType Directory -Path (Join-Path ([IO.Path]::GetTempPath()) "streamingpg-$([guid]::NewGuid().ToString('N')[0..3] -join '')")).FullName
$env:STREAMINGPG_SERVER_PATH = Join-Path $folder 'server'
Push-Location -LiteralPath $folder
try {
    $env:PSModulePath = (Split-Path (Split-Path (Split-Path $modulePath))) + [IO.Path]::PathSeparator + $env:PSModulePath
    $lines = Read-Terminal $commands
    Import-Module $modulePath
    Set-Content -NoNewline -LiteralPath (Join-Path $Destination 'first-run.svg') -Value (ConvertTo-Svg $lines 'A first session with StreamingPg')

    # Three weeks of a shop, and then its stream. By an address that is the same on every machine, because the pages show it.
    $server = Get-StreamingServer
    $null = Connect-StreamingDatabase "Host=127.0.0.1;Port=$($server.Port);Database=$($server.Database);Username=$($server.UserName);Passfile=$(Join-Path $server.Path 'pgpass')"
    $null = Clear-StreamingData -Force -Confirm:$false
    $null = Invoke-StreamingBatch -History 21d -Users 200 -Transactions 600 -Details 2000 -RatePattern Shop
    $job = Invoke-StreamingBatch -Continuous -BatchesPerSecond 2 -Arrival Poisson -Duration 2m -AsJob
    $dashboard = Start-StreamingDashboard -AllowControl
    Start-Sleep -Seconds 100
    $ready = 'document.querySelectorAll("figure svg").length >= 5 && document.getElementById("state").className === "state live"'
    Save-Page $dashboard.Link (Join-Path $Destination 'dashboard.png') 1280 1000 $ready
    $dashboard | Stop-StreamingDashboard
    $null = $job | Receive-Job -Wait -AutoRemoveJob
    Save-Page ([uri]::new((Export-StreamingReport report.html).FullName).AbsoluteUri) (Join-Path $Destination 'report.png') 1280 1000
}
finally {
    Get-Command Stop-StreamingServer -ErrorAction Ignore | ForEach-Object { $null = Stop-StreamingServer -WarningAction Ignore }
    Pop-Location
    Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction Ignore
}
