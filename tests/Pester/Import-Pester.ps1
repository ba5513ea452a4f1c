# Imports Pester in the version of Directory.Packages.props: the copy in output/modules, which NuGet brings when it is not there
# yet, and the PowerShell Gallery only where NuGet cannot.
$repository = Join-Path $PSScriptRoot '../..' | Resolve-Path
$versions = [xml](Get-Content -Raw (Join-Path $repository 'Directory.Packages.props'))
$pesterVersion = $versions.SelectSingleNode('//PackageVersion[@Include="Pester"]').Version
$modules = Join-Path $repository 'output/modules'
$pesterManifest = Join-Path $modules 'Pester' $pesterVersion 'Pester.psd1'
if (-not (Test-Path -LiteralPath $pesterManifest)) {
    $said = dotnet msbuild (Join-Path $PSScriptRoot 'Pester.proj') -restore -target:CopyPester -nologo -verbosity:quiet
    if ($LASTEXITCODE -ne 0) {
        Write-Host "Pester $pesterVersion could not be had from NuGet, so the PowerShell Gallery is asked. NuGet said: $said"
        $null = New-Item -ItemType Directory -Force -Path $modules
        Save-PSResource -Name Pester -Version "[$pesterVersion]" -Repository PSGallery -TrustRepository -Path $modules
    }
}
Import-Module $pesterManifest
