#Requires -Version 7.4
<#
.SYNOPSIS
Runs the Pester tests on the built module, in this fresh PowerShell, with a PostgreSQL server of their own.
.PARAMETER ResultPath
File that gets the result in NUnit's format.
.PARAMETER Name
Files to run, such as Invoke-StreamingBatch; all when left out.
#>
[CmdletBinding()]
param(
    [string] $ResultPath,

    [string[]] $Name = @('*')
)

$ErrorActionPreference = 'Stop'
Import-Module Pester -MinimumVersion 5.5 -MaximumVersion 5.99
. (Join-Path $PSScriptRoot 'Common.ps1')

$configuration = New-PesterConfiguration
$configuration.Run.Path = @($Name -split ',' | ForEach-Object { Join-Path $PSScriptRoot "$_.Tests.ps1" })
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
if ($ResultPath) {
    $configuration.TestResult.Enabled = $true
    $configuration.TestResult.OutputFormat = 'NUnitXml'
    $configuration.TestResult.OutputPath = $ResultPath
}

try {
    $result = Invoke-Pester -Configuration $configuration
}
finally {
    Remove-TestServer
}
if (-not $result) {
    throw 'Pester gave no result.'
}

$skipped = $result.SkippedCount + $result.NotRunCount + $result.InconclusiveCount
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
Write-Host "tests: $($result.PassedCount) passed, $failed failed, $skipped skipped"
exit ($failed -gt 0 -or $result.PassedCount -eq 0 ? 1 : 0)
