#Requires -Version 7.4
<#
.SYNOPSIS
Packs the built module as a .nupkg that the PowerShell Gallery takes, with its documents, examples and help.
.PARAMETER Module
Folder of the built module.
.PARAMETER Destination
Folder that gets the package and, where the repository's address is known, the files for Update-Help.
.PARAMETER Version
Version of the package, such as 0.2.0 or 0.2.0-rc1.
.PARAMETER RepositoryUrl
Address of the project on GitHub, which the links in the manifest are made from. Without it they are left out.
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
$top = Split-Path $PSScriptRoot
$culture = 'en-US'

# The changelog's section of this version, or of what is not released yet.
function Get-ReleaseNote {
    $sections = @((Get-Content -Raw -LiteralPath (Join-Path $top 'CHANGELOG.md')) -split '(?m)^## ')
    $section = @($sections -match "^\[$([regex]::Escape($Version))\]") + @($sections -match '^\[Unreleased\]') | Select-Object -First 1
    if (-not $section) {
        throw "CHANGELOG.md has neither a section [$Version] nor [Unreleased]."
    }
    $text = ($section -split '\r?\n', 2)[1]
    if ($text -and $text.Trim()) { $text.Trim() } else { 'No changes since the previous release.' }
}

# What ships: the build's files but for stamps and symbols, and the documents.
function Copy-Content([string] $Folder) {
    Copy-Item -LiteralPath $Module -Destination $Folder -Recurse
    Get-ChildItem -LiteralPath $Folder -Recurse -Force -File | Where-Object { $_.Name -eq '.built' -or $_.Extension -eq '.pdb' } | Remove-Item -Force
    foreach ($name in 'README.md', 'LICENSE', 'CHANGELOG.md', 'docs', 'examples') {
        Copy-Item -LiteralPath (Join-Path $top $name) -Destination $Folder -Recurse
    }
    # The about pages stand in en-US already, where Get-Help looks for them.
    Remove-Item -Path (Join-Path $Folder "docs/$culture/about_*.help.txt")
    & (Join-Path $PSScriptRoot 'New-ThirdPartyNotices.ps1') -Folder (Join-Path $Folder 'bin') -Path (Join-Path $Folder 'THIRD-PARTY-NOTICES.txt')
}

function Set-Manifest([string] $Path) {
    $values = @{ Path = $Path; ReleaseNotes = Get-ReleaseNote }
    $number, $prerelease = $Version -split '-', 2
    $values.ModuleVersion = $number
    if ($prerelease) {
        $values.Prerelease = $prerelease
    }
    if ($RepositoryUrl) {
        $values.ProjectUri = $RepositoryUrl
        $values.LicenseUri = "$RepositoryUrl/blob/v$Version/LICENSE"
        $values.IconUri = "$RepositoryUrl/raw/v$Version/docs/images/icon.png"
        $values.HelpInfoUri = "$RepositoryUrl/releases/download/v$Version/"
    }
    Update-PSModuleManifest @values
}

# What Update-Help and Save-Help read at HelpInfoURI: a description, and the help as an archive (a .cab on Windows).
function New-UpdatableHelp([string] $Folder) {
    $manifest = Import-PowerShellDataFile -LiteralPath (Join-Path $Folder 'StreamingPg.psd1')
    $name = "StreamingPg_$($manifest.GUID)"
    $help = Get-ChildItem -LiteralPath (Join-Path $Folder $culture)
    Compress-Archive -LiteralPath $help.FullName -DestinationPath (Join-Path $Destination "${name}_${culture}_HelpContent.zip") -Force
    if (Get-Command gcab -CommandType Application -ErrorAction Ignore) {
        gcab --create --zip --nopath (Join-Path $Destination "${name}_${culture}_HelpContent.cab") @($help.FullName)
    }
    else {
        Write-Host 'There is no gcab: no help archive for Update-Help on Windows was made.'
    }
    Set-Content -LiteralPath (Join-Path $Destination "${name}_HelpInfo.xml") -Value @"
<?xml version="1.0" encoding="utf-8"?>
<HelpInfo xmlns="http://schemas.microsoft.com/powershell/help/2010/05">
  <HelpContentURI>$($manifest.HelpInfoURI)</HelpContentURI>
  <SupportedUICultures>
    <UICulture>
      <UICultureName>$culture</UICultureName>
      <UICultureVersion>$($manifest.ModuleVersion).0</UICultureVersion>
    </UICulture>
  </SupportedUICultures>
</HelpInfo>
"@
}

# Makes the .nupkg. Compress-PSResource would do, and is not in the PSResourceGet of PowerShell 7.4.
function Publish-ToFolder([string] $Folder) {
    $name = Split-Path -Leaf $work
    Register-PSResourceRepository -Name $name -Uri $Destination -Trusted
    try {
        Publish-PSResource -Path $Folder -Repository $name
    }
    finally {
        Unregister-PSResourceRepository -Name $name
    }
}

$Destination = (Resolve-Path -LiteralPath $Destination).ProviderPath
$work = Join-Path ([IO.Path]::GetTempPath()) "streamingpg-package-$([guid]::NewGuid().ToString('n'))"
$folder = Join-Path $work 'StreamingPg'
$null = New-Item -ItemType Directory -Path $work
try {
    Copy-Content $folder
    Set-Manifest (Join-Path $folder 'StreamingPg.psd1')
    Publish-ToFolder $folder
    if ($RepositoryUrl) {
        New-UpdatableHelp $folder
    }
}
finally {
    Remove-Item -LiteralPath $work -Recurse -Force
}
