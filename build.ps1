#Requires -Version 7.4
<#
.SYNOPSIS
Builds, shows, tests, measures and packs StreamingPg.
.DESCRIPTION
The door on Windows; on Linux and macOS build.sh finds PowerShell and PostgreSQL first and then comes here.
.PARAMETER Task
Build: the module in output/StreamingPg/<version> and the command line in output/cli.
Demo: a throw-away PostgreSQL, the schema, one batch, its integrity and growth.
Test: unit, integration and Pester tests.
ModuleTest: of these, the Pester tests only; packs the module first.
Bench: benchmarks; further arguments go to bench/StreamingPg.Bench.
Package: what a release consists of, in output/packages: the module for the PowerShell Gallery, the command line as a .NET tool, an
SBOM of each, checksums.
.PARAMETER Postgres
Folder of PostgreSQL's server programs that the tests run on. Default: those that are installed.
.EXAMPLE
./build.ps1 -Task Demo
.EXAMPLE
./build.ps1 -Task Test -Postgres 'C:\Program Files\PostgreSQL\17\bin'
.EXAMPLE
./build.ps1 -Task Bench --quick
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Demo', 'Test', 'ModuleTest', 'Bench', 'Package')]
    [string] $Task = 'Build',

    [string] $Postgres,

    [Parameter(ValueFromRemainingArguments)]
    [string[]] $Arguments = @()
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
$ProgressPreference = 'SilentlyContinue'
if ([Console]::IsOutputRedirected) {
    $PSStyle.OutputRendering = 'PlainText'
}
$env:DOTNET_NOLOGO = '1'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
if ($Task -ne 'Bench') {
    # Compilers, tests and their some hundred processes end before a runtime that counts calls to compile better has any use of it:
    # without the counting a build with analyzers takes half of the processor time.
    $env:DOTNET_TieredPGO = '0'
}

# The one place of the version and of the project's address is Directory.Build.props. A module's folder has no -prerelease in its name.
$properties = [xml](Get-Content -Raw (Join-Path $PSScriptRoot 'Directory.Build.props'))
$version = $properties.SelectSingleNode('//Version').InnerText
$moduleVersion = ($version -split '-')[0]
$repositoryUrl = $properties.SelectSingleNode('//RepositoryUrl').InnerText
if (-not $repositoryUrl -and $env:GITHUB_REPOSITORY) {
    $repositoryUrl = "$env:GITHUB_SERVER_URL/$env:GITHUB_REPOSITORY"
}
$output = Join-Path $PSScriptRoot 'output'
$module = Join-Path $output 'StreamingPg' $moduleVersion
$results = Join-Path $output 'test-results'
$coverageFloor = 85

# True when $Stamp is newer than every source, so that a second run need not even ask dotnet.
function Test-UpToDate([string] $Stamp, [string[]] $Source) {
    if (-not (Test-Path -LiteralPath $Stamp)) {
        return $false
    }
    $built = (Get-Item -LiteralPath $Stamp -Force).LastWriteTimeUtc
    $newer = Get-Item $Source -ErrorAction Ignore |
        ForEach-Object { $_; if ($_.PSIsContainer) { Get-ChildItem -LiteralPath $_ -Recurse } } |
        Where-Object { $_.LastWriteTimeUtc -gt $built -and $_.FullName -notmatch '[\\/](bin|obj)([\\/]|$)' } |
        Select-Object -First 1
    return $null -eq $newer
}

# Compiled ahead of time for this machine, a program starts in half the time; on another the same files are compiled as
# they are used. It has an artifacts folder of its own, because a restore for one runtime would undo the solution's.
function Publish-Project([string] $Project, [string] $Folder, [string] $LibraryFramework = 'net8.0') {
    $publish = @(
        'publish', $Project, '--configuration', 'Release', '--output', $Folder, '--verbosity', 'quiet'
        '--artifacts-path', (Join-Path $output 'artifacts' $LibraryFramework), "-p:LibraryFramework=$LibraryFramework"
        '-p:GenerateDocumentationFile=false', '-p:RunAnalyzers=false'
    )
    try {
        $null = dotnet @publish --use-current-runtime --self-contained false -p:PublishReadyToRun=true
    }
    catch [Management.Automation.NativeCommandExitException] {
        Write-Host 'The ahead-of-time compiler cannot be had here; building without it.'
        dotnet @publish
    }
}

function Build-Module {
    $stamp = Join-Path $module '.built'
    if (Test-UpToDate $stamp 'src', 'module', 'docs', 'tools', 'Directory.*.props', 'global.json', 'build.ps1') {
        return
    }
    Write-Host "Building the module in output/StreamingPg/$moduleVersion."
    if (Test-Path -LiteralPath $module) {
        Remove-Item -LiteralPath $module -Recurse -Force
    }

    # .NET 10 does not run what the compiler of .NET 8 compiled ahead of time, and compiles all of it anew at each start; so the
    # PowerShells that run on it (7.6 and later) get assemblies of their own.
    foreach ($framework in 'net8.0', 'net10.0') {
        Publish-Project src/StreamingPg.Cmdlets (Join-Path $module 'bin' $framework) $framework
    }
    Copy-Item -Path module/* -Destination $module -Recurse
    Set-ManifestVersion (Join-Path $module 'StreamingPg.psd1')
    # In a process of its own: what it loads stays locked until it ends.
    Invoke-Script tools/New-ModuleHelp.ps1 -Module $module -RepositoryUrl $repositoryUrl
    $null = New-Item -ItemType File -Path $stamp
}

function Set-ManifestVersion([string] $Path) {
    $line = [regex] "(?m)^(\s*ModuleVersion\s*=\s*)'[^']*'"
    $text = Get-Content -Raw -LiteralPath $Path
    if ($line.Matches($text).Count -ne 1) {
        throw "$Path has no single ModuleVersion line to put the version in."
    }
    Set-Content -NoNewline -LiteralPath $Path -Value $line.Replace($text, "`${1}'$moduleVersion'")
}

function Build-CommandLine {
    $folder = Join-Path $output 'cli'
    $stamp = Join-Path $folder '.built'
    if (Test-UpToDate $stamp 'src', 'Directory.*.props', 'global.json') {
        return
    }
    Write-Host 'Building the command line in output/cli.'
    Publish-Project src/StreamingPg.Cli $folder
    $null = New-Item -ItemType File -Force -Path $stamp
}

# Counters of a test run, and a text for each failed test. A run that ends badly without a failed test, such as one that could not
# start, has failed once.
function New-TestCount([int] $ExitCode, [int] $Passed, [int] $Failed, [int] $Skipped, [string[]] $Failures = @()) {
    [pscustomobject]@{
        Passed = $Passed
        Failed = $ExitCode -ne 0 ? [Math]::Max(1, $Failed) : $Failed
        Skipped = $Skipped
        Failures = $Failures
    }
}

# True where a container engine can be asked: its address is given, or it listens in the usual place.
function Test-ContainerEngine {
    [bool] $env:DOCKER_HOST -or (Test-Path -LiteralPath ($IsWindows ? '//./pipe/docker_engine' : '/var/run/docker.sock'))
}

# Runs the tests of one .NET project and returns its counters.
function Invoke-DotNetTest([string] $Name) {
    Write-Host "== $Name tests"
    $without = @()
    if ($Name -eq 'Integration' -and -not (Test-ContainerEngine)) {
        Write-Host 'NOT RUN: the container tests. There is no container engine here (start Docker, or set DOCKER_HOST).'
        $without += 'Needs!=Containers'
    }
    if ($Name -eq 'Integration' -and -not $env:STREAMINGPG_TEST_OLDER_PROGRAMS) {
        Write-Host 'NOT RUN: the upgrade of a server from an older version. Set STREAMINGPG_TEST_OLDER_PROGRAMS to the folder of older server programs.'
        $without += 'Needs!=OlderPrograms'
    }
    $filter = $without ? @('--filter', ($without -join '&')) : @()
    $PSNativeCommandUseErrorActionPreference = $false
    dotnet test "tests/$Name" --configuration Release --no-build --results-directory $results @filter `
        --collect 'XPlat Code Coverage' --logger "trx;LogFileName=$Name.trx" | Out-Host
    $exitCode = $LASTEXITCODE
    $file = Join-Path $results "$Name.trx"
    if (-not (Test-Path -LiteralPath $file)) {
        throw "The $Name tests left no result."
    }
    $run = ([xml](Get-Content -Raw -LiteralPath $file)).TestRun
    $counters = $run.ResultSummary.Counters
    $failures = $run.SelectNodes('//*[local-name() = "UnitTestResult" and @outcome = "Failed"]') |
        ForEach-Object { '{0} ({1:HH:mm:ss}, {2}): {3}' -f $_.testName, [datetime] $_.endTime, $_.duration, $_.Output.ErrorInfo.Message }
    New-TestCount $exitCode $counters.passed ([int] $counters.executed - $counters.passed) ([int] $counters.total - $counters.executed) $failures
}

# The percentage of Core's lines that the .NET tests have run, all of them together.
function Measure-CoreCoverage {
    $lines = @{}
    foreach ($file in Get-ChildItem -LiteralPath $results -Recurse -Filter coverage.cobertura.xml) {
        $report = [xml](Get-Content -Raw -LiteralPath $file)
        foreach ($class in $report.SelectNodes('//package[@name="StreamingPg.Core"]//class')) {
            foreach ($line in $class.SelectNodes('lines/line')) {
                $key = "$($class.filename):$($line.number)"
                $lines[$key] = $lines[$key] -or $line.hits -ne '0'
            }
        }
    }
    if ($lines.Count -eq 0) {
        throw 'The tests left no report of the coverage.'
    }
    100 * @($lines.Values -eq $true).Count / $lines.Count
}

# The command that runs a script in a fresh PowerShell of the kind that runs this one; as a dotnet tool that is a dll which dotnet runs.
function Get-ScriptCommand([string] $Path) {
    $program = [Environment]::ProcessPath
    $assembly = [Environment]::GetCommandLineArgs()[0]
    $program
    if ([IO.Path]::GetFileNameWithoutExtension($program) -eq 'dotnet') { $assembly }
    '-NoProfile', '-NonInteractive', '-File', $Path
}

function Invoke-Script([string] $Path) {
    $program, $first = Get-ScriptCommand $Path
    & $program @first @args
}

# Packs the module and runs the Pester tests on it, in a fresh PowerShell.
function Invoke-ModuleTest {
    Build-CommandLine
    New-Package
    $null = New-Item -ItemType Directory -Force -Path $results
    Invoke-Script tests/Pester/Invoke-Tests.ps1 -ResultPath (Join-Path $results 'Pester.json')
}

# Starts what has to do with the module. It has a server of its own and runs beside the .NET tests, so that both processors have work.
function Start-ModuleTest {
    $program, $first = Get-ScriptCommand build.ps1
    $arguments = @($first) + @('-Task', 'ModuleTest') | ForEach-Object { "`"$_`"" }
    $process = Start-Process -FilePath $program -ArgumentList $arguments -NoNewWindow -PassThru `
        -RedirectStandardOutput (Join-Path $results 'Pester.out') -RedirectStandardError (Join-Path $results 'Pester.err')
    $null = $process.Handle # without it Windows forgets the exit code
    $process
}

# Waits for the Pester tests, shows what they said and returns their counters. Without a result they have failed.
function Wait-ModuleTest([Diagnostics.Process] $Process) {
    $minutes = 20
    $isOver = $Process.WaitForExit($minutes * 60 * 1000)
    if (-not $isOver) {
        $Process.Kill($true)
        $Process.WaitForExit()
    }
    Write-Host '== Pester tests'
    Get-Content -LiteralPath (Join-Path $results 'Pester.out'), (Join-Path $results 'Pester.err') | Out-Host
    if (-not $isOver) {
        Write-Host "FAILED: the Pester tests did not end within $minutes minutes of the end of the others, and were stopped."
    }
    $file = Join-Path $results 'Pester.json'
    if (-not (Test-Path -LiteralPath $file)) {
        Write-Host 'FAILED: the Pester tests left no result, so no cmdlet counts as tested.'
        return New-TestCount 1 0 1 0
    }
    $counts = Get-Content -Raw -LiteralPath $file | ConvertFrom-Json
    New-TestCount $Process.ExitCode $counts.Passed $counts.Failed $counts.Skipped $counts.Failures
}

function Invoke-Test {
    if ($Postgres) {
        # The tests, and every server that they start, find the programs by this variable.
        $env:STREAMINGPG_SERVER_PROGRAMS = (Resolve-Path -LiteralPath $Postgres).ProviderPath
    }
    if (Test-Path -LiteralPath $results) {
        Remove-Item -LiteralPath $results -Recurse -Force
    }
    $null = New-Item -ItemType Directory -Path $results
    dotnet build StreamingPg.sln --configuration Release --verbosity quiet -consoleLoggerParameters:NoSummary
    Build-CommandLine
    # The published command line starts in half the time of the one beside the tests, and they start it some hundred times.
    $env:STREAMINGPG_TEST_PROGRAM = Join-Path $output 'cli' 'StreamingPg.Cli.dll'
    $runs = @(
        $pester = Start-ModuleTest
        try {
            Invoke-DotNetTest Unit
            Invoke-DotNetTest Integration
            Wait-ModuleTest $pester
        }
        finally {
            if (-not $pester.HasExited) {
                $pester.Kill($true)
            }
            $pester.Dispose()
        }
    )
    $coverage = Measure-CoreCoverage
    $sum = @{}
    foreach ($name in 'Passed', 'Failed', 'Skipped') {
        $sum[$name] = ($runs | Measure-Object -Property $name -Sum).Sum
    }
    # Once more what failed, because the output above is long.
    $runs.Failures | Where-Object { $_ } | ForEach-Object { Write-Host "FAILED: $_" }
    Write-Host ('coverage of StreamingPg.Core: {0:0.0} % of lines' -f $coverage)
    if ($coverage -lt $coverageFloor) {
        Write-Host "FAILED: that is less than $coverageFloor %."
    }
    Write-Host "tests: $($sum.Passed) passed, $($sum.Failed) failed, $($sum.Skipped) skipped"
    if ($sum.Failed -gt 0 -or $coverage -lt $coverageFloor) {
        exit 1
    }
}

function New-Package {
    Build-Module
    Write-Host 'Packing in output/packages.'
    Invoke-Script tools/New-Package.ps1 -Module $module -Destination (Join-Path $output 'packages') -Version $version -RepositoryUrl $repositoryUrl
}

Push-Location -LiteralPath $PSScriptRoot
try {
    switch ($Task) {
        'Build' { Build-Module; Build-CommandLine }
        'Demo' { Build-Module; Invoke-Script docs/demo.ps1 -Module (Join-Path $module 'StreamingPg.psd1') }
        'Test' { Invoke-Test }
        'ModuleTest' { Invoke-ModuleTest }
        'Bench' { Build-Module; Build-CommandLine; dotnet run --project bench/StreamingPg.Bench --configuration Release -- @Arguments }
        'Package' { New-Package; Get-ChildItem -LiteralPath (Join-Path $output 'packages') | ForEach-Object { Write-Host "output/packages/$($_.Name)" } }
    }
}
catch [Management.Automation.NativeCommandExitException] {
    # The program has said why; where in this script it was called is of no help.
    exit 1
}
finally {
    Pop-Location
}
