#Requires -Version 7.4
<#
.SYNOPSIS
Writes THIRD-PARTY-NOTICES.txt: every NuGet package whose assemblies lie in a folder, with its copyright and licence.
.DESCRIPTION
What is shipped is read from the folder's *.deps.json, what a package says of itself from NuGet's packages folder. A package that
names no licence is an error: read its licence, and write it into tools/licenses/packages.json.
.PARAMETER Folder
Folder with the assemblies that ship, at any depth, beside their *.deps.json.
.PARAMETER Path
The file to write.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Folder,

    [Parameter(Mandatory)]
    [string] $Path
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

$packagesFolder = (dotnet nuget locals global-packages --list) -replace '^global-packages:\s*'
$licenses = Join-Path $PSScriptRoot 'licenses'
$known = Get-Content -Raw -LiteralPath (Join-Path $licenses 'packages.json') | ConvertFrom-Json -AsHashtable

# The packages ("name/version") of a deps.json that have an assembly in its folder.
function Get-ShippedPackage([IO.FileInfo] $DepsFile) {
    $deps = Get-Content -Raw -LiteralPath $DepsFile.FullName | ConvertFrom-Json -AsHashtable
    foreach ($target in $deps.targets.Values) {
        foreach ($name in $target.Keys | Where-Object { $deps.libraries[$_].type -eq 'package' -and $target[$_].ContainsKey('runtime') }) {
            $assemblies = $target[$name].runtime.Keys | Split-Path -Leaf
            if ($assemblies | Where-Object { Test-Path -LiteralPath (Join-Path $DepsFile.DirectoryName $_) }) {
                $name
            }
        }
    }
}

# What a package says of itself; its own licence file, where it brings one, goes before the usual words of that licence.
function Get-PackageNotice([string] $Package) {
    $name, $version = $Package -split '/'
    $root = Join-Path $packagesFolder $name.ToLowerInvariant() $version.ToLowerInvariant()
    $nuspec = Get-ChildItem -LiteralPath $root -Filter *.nuspec | Select-Object -First 1
    $metadata = ([xml] (Get-Content -Raw -LiteralPath $nuspec.FullName)).package.metadata
    $told = $known[$name] ?? @{}

    $license = $metadata.SelectSingleNode('*[local-name()="license"]')
    $expression = $told['license'] ?? ($license -and $license.type -eq 'expression' ? $license.InnerText : $null)
    $text = if ($license -and $license.type -eq 'file') { Join-Path $root $license.InnerText }
    else { Get-ChildItem -LiteralPath $root -File | Where-Object Name -Match '^LICEN[CS]E(\.\w+)?$' | Select-Object -First 1 -ExpandProperty FullName }
    if (-not $text -and $expression) {
        $text = Join-Path $licenses "$expression.txt"
    }
    if (-not $text -or -not (Test-Path -LiteralPath $text)) {
        throw "$name $version names no licence whose words are here (it says '$expression'). Read its licence, then put its name into tools/licenses/packages.json and its words into tools/licenses."
    }

    $own = $metadata.SelectSingleNode('*[local-name()="copyright"]')
    $address = $metadata.SelectSingleNode('*[local-name()="projectUrl"]')
    $notices = Get-ChildItem -LiteralPath $root -File | Where-Object Name -Match '^THIRD-?PARTY-?NOTICES\.\w+$' | Select-Object -First 1
    [pscustomobject]@{
        Name = $name
        Version = $version
        License = $expression ?? (Split-Path -Leaf $text)
        Address = $address ? $address.InnerText : ''
        Copyright = @($told['copyright'] ?? ($own ? $own.InnerText : "Copyright (c) $($metadata.authors)"))
        Text = (Get-Content -Raw -LiteralPath $text).Trim()
        Notices = $notices ? (Get-Content -Raw -LiteralPath $notices.FullName).Trim() : ''
    }
}

$shipped = Get-ChildItem -LiteralPath $Folder -Filter *.deps.json -Recurse | ForEach-Object { Get-ShippedPackage $_ } | Sort-Object -Unique
if (-not $shipped) {
    throw "There is no package in $Folder; is there a *.deps.json?"
}
$packages = @($shipped | ForEach-Object { Get-PackageNotice $_ })

$rule = '-' * 100
$lines = [Collections.Generic.List[string]]::new()
$lines.Add('StreamingPg is under the MIT licence (LICENSE). It ships with these packages of others, under their own licences:')
$lines.Add('')
foreach ($package in $packages) {
    $lines.Add("  $($package.Name) $($package.Version)  $($package.License)  $($package.Address)".TrimEnd())
}
foreach ($group in $packages | Group-Object Text) {
    $lines.AddRange([string[]] @('', $rule, ''))
    foreach ($package in $group.Group) {
        $lines.Add("$($package.Name) $($package.Version) ($($package.License))")
        $lines.AddRange([string[]] @($package.Copyright | ForEach-Object { "  $_" }))
    }
    $lines.AddRange([string[]] @('', $group.Name))
}
foreach ($group in $packages | Where-Object Notices | Group-Object Notices) {
    $lines.AddRange([string[]] @('', $rule, '', "Notices that come with $(($group.Group | ForEach-Object { "$($_.Name) $($_.Version)" }) -join ', '):", '', $group.Name))
}
Set-Content -LiteralPath $Path -Value $lines
