<#
.SYNOPSIS
Runs the first steps of the README on a temporary server, independent of the user's settings.
.PARAMETER Module
Manifest of the built module.
#>
[CmdletBinding()]
param([Parameter(Mandatory)] [string] $Module)

$ErrorActionPreference = 'Stop'
if ([Console]::IsOutputRedirected) {
    $PSStyle.OutputRendering = 'PlainText'
}
Import-Module $Module

$folder = Join-Path ([IO.Path]::GetTempPath()) "streamingpg-demo-$PID"
$null = New-Item -ItemType Directory -Path $folder
Set-Location -LiteralPath $folder
Remove-Item Env:POSTGRES_*, Env:PG*
$env:STREAMINGPG_SERVER_PATH = Join-Path $folder 'server'

$lines = @(
    { Start-StreamingServer -Download }
    { Initialize-StreamingSchema }
    { Invoke-StreamingBatch }
    { Test-StreamingIntegrity }
    { Get-StreamingGrowth }
    { New-StreamingUser -Count 5 | Format-Table }
)
try {
    foreach ($line in $lines) {
        Write-Host "`nPS> $("$line".Trim())"
        (& $line | Out-String -Width 100).TrimEnd() | Out-Host
    }
}
finally {
    $null = Stop-StreamingServer
    Set-Location -LiteralPath $HOME
    Remove-Item -LiteralPath $folder -Recurse -Force
}
Write-Host "`nThis server was stopped and deleted. For one that stays: Import-Module ./output/StreamingPg; Start-StreamingServer"
