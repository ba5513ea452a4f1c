# What ./build.ps1 -Task Package makes is installed where nothing of ours is, as its users do, and does its main job from there.

BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    $top = (Resolve-Path "$PSScriptRoot/../..").ProviderPath
    $packages = Join-Path $top 'output/packages'
    if (-not (Test-Path $packages)) {
        throw "There are no packages in $packages. Make them first: ./build.ps1 -Task Package"
    }
    $version = ([xml](Get-Content -Raw (Join-Path $top 'Directory.Build.props'))).SelectSingleNode('//Version').InnerText
    $work = Join-Path ([IO.Path]::GetTempPath()) "streamingpg-packages-$PID"
    $null = New-Item -ItemType Directory -Path $work

    function Expand-Package([string] $Path, [string] $Name) {
        $folder = Join-Path $work $Name
        [IO.Compression.ZipFile]::ExtractToDirectory($Path, $folder)
        $folder
    }

    function Get-FileList([string] $Folder) {
        Get-ChildItem -LiteralPath $Folder -Recurse -File -Force | ForEach-Object { [IO.Path]::GetRelativePath($Folder, $_.FullName).Replace('\', '/') }
    }

    # Runs a script with an empty home, no settings, and a private server of its own: as on a fresh machine.
    function Invoke-InEmptyHome([string] $Name, [string] $Script) {
        $folder = Join-Path $work $Name
        $null = New-Item -ItemType Directory -Path $folder
        $before = @{}
        $variables = @{
            HOME = $folder; USERPROFILE = $folder; LOCALAPPDATA = "$folder/local"; APPDATA = "$folder/roaming"
            XDG_DATA_HOME = ''; XDG_CONFIG_HOME = ''; XDG_CACHE_HOME = ''; DOTNET_CLI_HOME = $folder; PSModulePath = ''
            NUGET_PACKAGES = "$folder/packages"; STREAMINGPG_SERVER_PATH = "$folder/server"
        }
        foreach ($key in $variables.Keys) {
            $before[$key] = [Environment]::GetEnvironmentVariable($key)
            [Environment]::SetEnvironmentVariable($key, $variables[$key] ? $variables[$key] : $null)
        }
        try {
            $output = Invoke-FreshPowerShell "`$ErrorActionPreference = 'Stop'; `$PSNativeCommandUseErrorActionPreference = `$true; Set-Location '$folder'; $Script"
            if ($LASTEXITCODE -ne 0) {
                throw ($output | Out-String)
            }
            $output
        }
        finally {
            foreach ($key in $before.Keys) {
                [Environment]::SetEnvironmentVariable($key, $before[$key])
            }
        }
    }
}

AfterAll {
    Remove-Item -LiteralPath $work -Recurse -Force
}

Describe 'The module package' {
    BeforeAll {
        $content = Expand-Package (Join-Path $packages "StreamingPg.$version.nupkg") 'module'
        $files = Get-FileList $content
    }

    It 'holds its documents, examples and help, and no file of the build' {
        foreach ($file in 'StreamingPg.psd1', 'README.md', 'LICENSE', 'CHANGELOG.md', 'THIRD-PARTY-NOTICES.txt', 'examples/shop.json', 'examples/models/bank.json', 'examples/walkthrough.ps1', 'examples/history.ps1', 'docs/tutorial.md',
            'docs/metadata.md', 'docs/en-US/Invoke-StreamingBatch.md', 'en-US/StreamingPg.Cmdlets.dll-Help.xml', 'en-US/about_StreamingPg.help.txt') {
            $files | Should -Contain $file
        }
        $files | Where-Object { $_ -match '(^|/)\.built$|\.pdb$' } | Should -BeNullOrEmpty
    }

    It 'has a manifest with release notes from the changelog, tags and a licence' {
        $data = (Import-PowerShellDataFile (Join-Path $content 'StreamingPg.psd1')).PrivateData.PSData
        $data.ReleaseNotes | Should -Match '### Added'
        $data.Tags | Should -Contain 'PSEdition_Core'
        $data.LicenseUri | Should -Match '^https://'
    }

    It 'names every package whose assembly it ships, with its licence' {
        $notices = Get-Content -Raw (Join-Path $content 'THIRD-PARTY-NOTICES.txt')
        $assemblies = Get-ChildItem (Join-Path $content 'bin') -Recurse -Filter *.dll | Where-Object Name -NotLike 'StreamingPg*' | ForEach-Object BaseName | Sort-Object -Unique
        @($assemblies).Count | Should -BeGreaterThan 5
        $packageOf = @{ 'Parquet' = 'Parquet.Net'; 'ZstdSharp' = 'ZstdSharp.Port' }
        foreach ($assembly in $assemblies) {
            $notices | Should -Match "(?m)^  $([regex]::Escape($packageOf[$assembly] ?? $assembly)) \S+  \S+"
        }
    }

    It 'has an SBOM of the same packages' {
        $notices = (Get-Content (Join-Path $content 'THIRD-PARTY-NOTICES.txt')) -match '^  \S+ \d\S*  \S' | ForEach-Object { ($_.Trim() -split '\s+')[0] }
        $sbom = Get-Content -Raw (Join-Path $packages "StreamingPg.$version.cdx.json") | ConvertFrom-Json
        $sbom.bomFormat | Should -Be 'CycloneDX'
        $sbom.components.name | Should -Not -Contain 'PowerShellStandard.Library'
        foreach ($name in $notices) {
            $sbom.components.name | Should -Contain $name
        }
    }
}

Describe 'The module package of a repository whose address is known' {
    BeforeAll {
        $destination = Join-Path $work 'linked'
        $null = New-Item -ItemType Directory -Path $destination
        & (Join-Path $top 'tools/New-ModulePackage.ps1') -Module (Split-Path $manifest) -Destination $destination -Version '9.8.7-rc1' -RepositoryUrl 'https://git.example/us/streamingpg'
        $content = Expand-Package (Join-Path $destination 'StreamingPg.9.8.7-rc1.nupkg') 'linked-content'
        $linked = Import-PowerShellDataFile (Join-Path $content 'StreamingPg.psd1')
    }

    It 'has its links and its prerelease in the manifest' {
        $data = $linked.PrivateData.PSData
        $linked.ModuleVersion | Should -Be '9.8.7'
        $data.Prerelease | Should -Be 'rc1'
        $data.ProjectUri | Should -Be 'https://git.example/us/streamingpg'
        $data.LicenseUri | Should -Be 'https://git.example/us/streamingpg/blob/v9.8.7-rc1/LICENSE'
        $data.IconUri | Should -Be 'https://git.example/us/streamingpg/raw/v9.8.7-rc1/docs/images/icon.png'
        Join-Path $top 'docs/images/icon.png' | Should -Exist
        $linked.HelpInfoURI | Should -Be 'https://git.example/us/streamingpg/releases/download/v9.8.7-rc1/'
    }

    It 'comes with the help that Update-Help reads at HelpInfoURI' {
        $help = "StreamingPg_$($linked.GUID)"
        $info = [xml](Get-Content -Raw (Join-Path $destination "${help}_HelpInfo.xml"))
        $info.HelpInfo.HelpContentURI | Should -Be $linked.HelpInfoURI
        $archive = Expand-Package (Join-Path $destination "${help}_en-US_HelpContent.zip") 'help'
        Get-FileList $archive | Should -Contain 'StreamingPg.Cmdlets.dll-Help.xml'
    }
}

Describe 'The packages in an empty home' {
    It 'the module is installed from a repository and does its main job' {
        $json = Invoke-InEmptyHome 'with-module' @"
            Register-PSResourceRepository -Name local -Uri '$packages' -Trusted
            Install-PSResource StreamingPg -Repository local -Prerelease
            Import-Module StreamingPg
            try {
                `$null = Start-StreamingServer
                `$null = Initialize-StreamingSchema
                `$null = Invoke-StreamingBatch -Seed 42
                @{
                    Module = (Get-Module StreamingPg).Path
                    Failed = @(Test-StreamingIntegrity | Where-Object Passed -EQ `$false).Count
                    Rows = (Get-StreamingGrowth | Measure-Object Rows -Sum).Sum
                    Help = (Get-Help Invoke-StreamingBatch).Synopsis
                } | ConvertTo-Json -Compress
            }
            finally {
                `$null = Stop-StreamingServer
            }
"@
        $result = $json | Select-Object -Last 1 | ConvertFrom-Json
        $result.Module | Should -BeLike "$work*"
        $result.Failed | Should -Be 0
        $result.Rows | Should -Be 140
        $result.Help | Should -Not -BeLike '*Invoke-StreamingBatch *'
    }

    It 'the command line is installed as a tool and does its main job' {
        # Only from here: nobody else's package of that name can come in its place, and no network is needed.
        Set-Content (Join-Path $work 'nuget.config') "<configuration><packageSources><clear/><add key=`"local`" value=`"$packages`"/></packageSources></configuration>"
        $output = Invoke-InEmptyHome 'with-tool' @"
            `$null = dotnet tool install --global StreamingPg.Cli --version $version --configfile '$work/nuget.config' --add-source '$packages'
            `$streamingpg = (Get-Item "`$HOME/.dotnet/tools/streamingpg*").FullName
            try {
                `$null = & `$streamingpg server start
                `$null = & `$streamingpg init
                `$null = & `$streamingpg batch --seed 42
                `$null = & `$streamingpg check
                & `$streamingpg growth --json
            }
            finally {
                `$null = & `$streamingpg server stop
            }
"@
        ($output | ConvertFrom-Json | Measure-Object rows -Sum).Sum | Should -Be 140
    }

    It 'SHA256SUMS is right of every file' {
        $lines = Get-Content (Join-Path $packages 'SHA256SUMS')
        @($lines).Count | Should -Be (@(Get-ChildItem $packages -File).Count - 1)
        foreach ($line in $lines) {
            $hash, $name = $line -split '  ', 2
            (Get-FileHash (Join-Path $packages $name)).Hash | Should -Be $hash
        }
    }
}
