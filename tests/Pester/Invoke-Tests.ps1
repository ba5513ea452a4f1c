#Requires -Version 7.4
<#
.SYNOPSIS
Runs the Pester tests on the built module, in this fresh PowerShell, with a PostgreSQL server of their own.
.PARAMETER ResultPath
File that gets the numbers of passed, failed and skipped tests as JSON, and what each failed one said.
.PARAMETER Name
Files to run, such as Invoke-StreamingBatch; all when left out.
#>
[CmdletBinding()]
param(
    [string] $ResultPath,

    [string[]] $Name = @('*')
)

$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'Import-Pester.ps1')
. (Join-Path $PSScriptRoot 'Common.ps1')

$configuration = New-PesterConfiguration
$configuration.Run.Path = @($Name -split ',' | ForEach-Object { Join-Path $PSScriptRoot "$_.Tests.ps1" })
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
try {
    $result = Invoke-Pester -Configuration $configuration
}
finally {
    Remove-TestServer
}
if (-not $result) {
    throw 'Pester gave no result.'
}

$counts = [ordered]@{
    Passed = $result.PassedCount
    Failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
    Skipped = $result.SkippedCount + $result.NotRunCount + $result.InconclusiveCount
    Failures = @(@($result.Failed) + @($result.FailedBlocks) + @($result.FailedContainers) | ForEach-Object { "$($_.ExpandedPath ?? $_): $($_.ErrorRecord)" })
}
if ($ResultPath) {
    # Not Pester's own result file: a colour in an error message makes invalid XML of it.
    $counts | ConvertTo-Json | Set-Content -LiteralPath $ResultPath
}
Write-Host "tests: $($counts.Passed) passed, $($counts.Failed) failed, $($counts.Skipped) skipped"
exit ($counts.Failed -gt 0 -or $counts.Passed -eq 0 ? 1 : 0)
