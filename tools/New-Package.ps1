#Requires -Version 7.4
<#
.SYNOPSIS
Makes what a release consists of: the module's package, the command line as a .NET tool, an SBOM of each, checksums.
.PARAMETER Module
Folder of the built module.
.PARAMETER Destination
Folder for the packages; what is in it goes.
.PARAMETER Version
Version of the packages, such as 0.2.0 or 0.2.0-rc1.
.PARAMETER RepositoryUrl
Address of the project on GitHub. Without it the packages have no links to it.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Module,

    [Parameter(Mandatory)]
    [string] $Destination,

    [Parameter(Mandatory)]
    [string] $Version,

    [string] $RepositoryUrl
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
$top = Split-Path $PSScriptRoot

function New-ToolPackage {
    $project = Join-Path $top 'src/StreamingPg.Cli'
    $notices = Join-Path $project 'obj/THIRD-PARTY-NOTICES.txt'
    dotnet build $project --configuration Release --verbosity quiet -consoleLoggerParameters:NoSummary
    & (Join-Path $PSScriptRoot 'New-ThirdPartyNotices.ps1') -Folder (Join-Path $project 'bin/Release') -Path $notices
    # For the container image, which has the same programs in it.
    Copy-Item -LiteralPath $notices -Destination $Destination
    $links = if ($RepositoryUrl) { "-p:PackageProjectUrl=$RepositoryUrl", "-p:RepositoryUrl=$RepositoryUrl" }
    # A tool is started by a program that its installation makes.
    dotnet pack $project --configuration Release --no-build --verbosity quiet -p:UseAppHost=false --output $Destination @links
}

# CycloneDX reads what the restore has resolved for a project; PowerShell's own API, which is only compiled against, does not ship.
function New-Sbom([string] $Project, [string] $Name) {
    $null = dotnet tool run dotnet-CycloneDX -- (Join-Path $top "src/$Project/$Project.csproj") --output $Destination `
        --filename "$Name.$Version.cdx.json" --output-format Json --set-name $Name --set-version $Version `
        --exclude-filter PowerShellStandard.Library --disable-package-restore
}

if (Test-Path -LiteralPath $Destination) {
    Remove-Item -LiteralPath $Destination -Recurse -Force
}
$null = New-Item -ItemType Directory -Path $Destination
if (-not $RepositoryUrl) {
    Write-Host 'RepositoryUrl in Directory.Build.props is empty: the packages have no ProjectUri, IconUri and HelpInfoURI, and are not for publishing.'
}

Push-Location -LiteralPath $top
try {
    & (Join-Path $PSScriptRoot 'New-ModulePackage.ps1') -Module $Module -Destination $Destination -Version $Version -RepositoryUrl $RepositoryUrl
    New-ToolPackage
    $null = dotnet tool restore
    New-Sbom StreamingPg.Cmdlets StreamingPg
    New-Sbom StreamingPg.Cli StreamingPg.Cli
}
finally {
    Pop-Location
}

$sums = Get-ChildItem -LiteralPath $Destination -File | Sort-Object Name | Get-FileHash -Algorithm SHA256
[IO.File]::WriteAllLines((Join-Path $Destination 'SHA256SUMS'), [string[]] @($sums | ForEach-Object { "$($_.Hash.ToLowerInvariant())  $(Split-Path -Leaf $_.Path)" }))
