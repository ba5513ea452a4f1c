BeforeDiscovery {
    $isThere = [bool] (Get-Module PSScriptAnalyzer -ListAvailable)
    $top = (Resolve-Path "$PSScriptRoot/../..").ProviderPath
    $scripts = Get-ChildItem $top/build.ps1, $top/module, $top/tools, $top/examples, $top/docs, $top/tests/Pester -Recurse -Include *.ps1, *.psm1, *.psd1 |
        ForEach-Object { @{ Path = $_.FullName; Name = [IO.Path]::GetRelativePath($top, $_.FullName) } }
}

# NuGet does not serve PSScriptAnalyzer; the workflow on GitHub installs it from the PowerShell Gallery.
Describe 'PSScriptAnalyzer' {
    It 'is installed' {
        if (-not (Get-Module PSScriptAnalyzer -ListAvailable)) {
            Set-ItResult -Skipped -Because 'PSScriptAnalyzer is not installed (Install-PSResource PSScriptAnalyzer), so no script was analyzed'
        }
    }

    It 'finds nothing in <Name>' -ForEach ($isThere ? $scripts : @()) -AllowNullOrEmptyForEach {
        $settings = $Path -like '*?Pester?*' -or $Path -like '*.Tests.ps1' ? "$PSScriptRoot/PSScriptAnalyzerSettings.psd1" : "$PSScriptRoot/../../PSScriptAnalyzerSettings.psd1"
        Invoke-ScriptAnalyzer -Path $Path -Settings $settings | ForEach-Object { "$($_.RuleName) in line $($_.Line): $($_.Message)" } | Should -BeNullOrEmpty
    }
}
