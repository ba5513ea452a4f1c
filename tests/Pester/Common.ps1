# What every test file starts with: the built module, a throw-away server, and nothing of the user's settings. Made once
# per run; a file that is run alone by Invoke-Pester makes its own.

function Get-ModuleManifest {
    $built = Join-Path $PSScriptRoot '../../output/StreamingPg'
    $manifest = Get-ChildItem -Path $built -Filter StreamingPg.psd1 -Recurse -ErrorAction Ignore |
        Sort-Object LastWriteTime | Select-Object -Last 1
    if (-not $manifest) {
        throw "There is no module in $built. Build it first: ./build.ps1 -Task Build"
    }
    $manifest.FullName
}

# What comes before the arguments of this PowerShell's program: nothing, or its assembly where it is a .NET tool, which dotnet runs.
function Get-PowerShellAssembly {
    [IO.Path]::GetFileNameWithoutExtension([Environment]::ProcessPath) -eq 'dotnet' ? @([Environment]::GetCommandLineArgs()[0]) : @()
}

# A new PowerShell that imports the module and runs a script; gives what it writes.
function Invoke-FreshPowerShell([string] $Script) {
    $first = @(Get-PowerShellAssembly)
    & ([Environment]::ProcessPath) @first -NoProfile -NonInteractive -OutputFormat Text -Command $Script 2>&1
}

# Creates the default tables in a schema of its own and gives a connection to it, which becomes the session's.
function New-TestSchema([string] $Name) {
    $connection = Connect-StreamingDatabase -Schema $Name
    $null = Invoke-Sql $connection "DROP SCHEMA IF EXISTS $(ConvertTo-QuotedName $Name) CASCADE"
    $null = Initialize-StreamingSchema
    $connection
}

function ConvertTo-QuotedName([string] $Name) {
    '"' + $Name.Replace('"', '""') + '"'
}

# Runs SQL by the driver inside the module; gives the first value of the first row.
function Invoke-Sql([StreamingPg.StreamingConnection] $Connection, [string] $Sql) {
    $command = $Connection.DataSource.CreateCommand($Sql)
    try {
        $command.ExecuteScalar()
    }
    finally {
        $command.Dispose()
    }
}

function New-TestCredential([string] $UserName, [string] $Secret) {
    [pscredential]::new($UserName, [System.Net.NetworkCredential]::new('', $Secret).SecurePassword)
}

function Get-RowCount([StreamingPg.StreamingConnection] $Connection, [string] $Table) {
    Invoke-Sql $Connection "SELECT count(*) FROM $(ConvertTo-QuotedName $Connection.Schema).$(ConvertTo-QuotedName $Table)"
}

# Whether something took no longer than it is promised to. A machine that is busy with other things may take longer by as much as the start of a
# program, which usually takes less than half a second, takes longer now.
function Test-InTime([timespan] $Elapsed, [double] $Seconds = 5) {
    if ($Elapsed.TotalSeconds -lt $Seconds) {
        return $true
    }
    $streamingpg = Get-Item "$PSScriptRoot/../../output/cli/streamingpg*" | Where-Object Extension -In '', '.exe' | Select-Object -First 1
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $null = & $streamingpg --version
    $Elapsed.TotalSeconds -lt $Seconds * [Math]::Max(1, $clock.Elapsed.TotalSeconds / 0.5)
}

function Remove-TestServer {
    Remove-Module StreamingPg -ErrorAction Ignore
    Import-Module $manifest
    $null = Stop-StreamingServer -Path $global:StreamingPgTestFolder/server
    Set-Location -LiteralPath ([IO.Path]::GetTempPath())
    Remove-Item -LiteralPath $global:StreamingPgTestFolder -Recurse -Force
}

$manifest = Get-ModuleManifest
if (-not $global:StreamingPgTestFolder) {
    $global:StreamingPgTestFolder = Join-Path ([IO.Path]::GetTempPath()) "streamingpg-pester-$PID"
    $null = New-Item -ItemType Directory -Path $global:StreamingPgTestFolder
    Remove-Item Env:POSTGRES_*, Env:PG*
    $env:STREAMINGPG_SERVER_PATH = Join-Path $global:StreamingPgTestFolder 'server'
    Import-Module $manifest
    $null = Start-StreamingServer
}

Import-Module $manifest
Set-Location -LiteralPath $global:StreamingPgTestFolder
