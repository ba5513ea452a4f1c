BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    $cmdlets = Get-Command -Module StreamingPg | ForEach-Object { @{ Name = $_.Name } }
    # New-Streaming* only makes objects, Connect and Disconnect only a handle of this session.
    $changing = $cmdlets | Where-Object { $_.Name -match '^(Start|Stop|Initialize|Invoke|Import|Remove|Update|Set|Clear|Close|Save|Restore)-' }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    $documentation = Join-Path $PSScriptRoot '../../docs/en-US'
    $common = [System.Management.Automation.PSCmdlet]::CommonParameters

    function Get-OwnParameter([string] $Name) {
        (Get-Command $Name).Parameters.Keys | Where-Object { $_ -notin $common }
    }
}

Describe 'Every cmdlet: <Name>' -ForEach $cmdlets {
    BeforeAll {
        $command = Get-Command $Name
        $page = Get-Content -Raw (Join-Path $documentation "$Name.md")
        $help = Get-Help $Name -Full
    }

    It 'has an approved verb' {
        (Get-Verb).Verb | Should -Contain $command.Verb
    }

    It 'says what it gives' {
        $command.OutputType.Count | Should -BeGreaterThan 0
        $named = [regex]::Matches(($page -split '(?m)^## ' -match '^Outputs')[0], '(?m)^### (\S+)').ForEach{ $_.Groups[1].Value }
        $declared = $command.OutputType.ForEach{ $_.Name -eq 'System.Void' ? 'None' : $_.Name }
        $named | Sort-Object | Should -Be ($declared | Sort-Object)
    }

    It 'has a page with its parameters and no others' {
        $section = ($page -split '(?m)^## ' -match '^Parameters')[0]
        $described = [regex]::Matches($section, '(?m)^### -(\w+)').ForEach{ $_.Groups[1].Value }
        $described | Sort-Object | Should -Be (Get-OwnParameter $Name | Sort-Object)
    }

    It 'has a page with its syntax' {
        $syntax = ($page -split '(?m)^## ' -match '^Syntax')[0] -split "`n" | Where-Object { $_ -match "^$Name" } | ForEach-Object Trim
        $actual = (Get-Command $Name -Syntax) -split '\r?\n' | Where-Object { $_ } | ForEach-Object Trim
        $syntax | Should -Be $actual
    }

    It 'has help that Get-Help finds' {
        $help.Synopsis | Should -Not -BeLike "*$Name *"
        ($page -replace '\s+', ' ') | Should -BeLike "*$([WildcardPattern]::Escape(($help.Synopsis -replace '\s+', ' ')))*"
        $help.description.Text | Should -Not -BeNullOrEmpty
        @($help.examples.example).Count | Should -BeGreaterThan 0
        foreach ($parameter in $help.parameters.parameter) {
            $parameter.description.Text | Should -Not -BeNullOrEmpty -Because "-$($parameter.name) needs words"
        }
    }

    It 'has examples that PowerShell can read' {
        foreach ($example in $help.examples.example) {
            $errors = $null
            $tree = [System.Management.Automation.Language.Parser]::ParseInput($example.code, [ref] $null, [ref] $errors)
            $errors | Should -BeNullOrEmpty
            $calls = $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
            foreach ($call in $calls | Where-Object { $_.GetCommandName() -like '*-Streaming*' }) {
                $known = (Get-Command $call.GetCommandName() -ErrorAction Stop).Parameters.Keys
                $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] } |
                    ForEach-Object { $known | Should -Contain $_.ParameterName }
            }
        }
    }

    It 'leads to pages that exist' {
        foreach ($link in [regex]::Matches($page, '\]\(([^)]+\.md)\)').ForEach{ $_.Groups[1].Value }) {
            Join-Path $documentation $link | Should -Exist
        }
    }
}

Describe 'Every cmdlet that changes something: <Name>' -ForEach $changing {
    It 'asks first' {
        (Get-Command $Name).Parameters.Keys | Should -Contain 'WhatIf'
        (Get-Command $Name).Parameters.Keys | Should -Contain 'Confirm'
    }
}

Describe 'The pages' {
    It 'are of cmdlets that exist' {
        $pages = (Get-ChildItem $documentation -Filter '*-*.md').BaseName
        $pages | Sort-Object | Should -Be ((Get-Command -Module StreamingPg).Name | Sort-Object)
    }

    It 'have an introduction that Get-Help finds' {
        Get-Help about_StreamingPg | Should -Match 'FIRST STEPS'
    }

    It 'have a topic for each subject that about_StreamingPg names, with lines that fit a terminal' {
        $topics = (Get-ChildItem $documentation -Filter 'about_*.help.txt').Name -replace '\.help\.txt$'
        $named = [regex]::Matches((Get-Content -Raw (Join-Path $documentation about_StreamingPg.help.txt)), '(?m)^    (about_\w+)\r?$').ForEach{ $_.Groups[1].Value }
        @($named) + 'about_StreamingPg' | Sort-Object -Unique | Should -Be ($topics | Sort-Object)
        foreach ($topic in $topics) {
            Get-Help $topic | Should -Match 'SHORT DESCRIPTION'
            Get-Content (Join-Path $documentation "$topic.help.txt") | Where-Object Length -GT 80 | Should -BeNullOrEmpty
        }
    }

    It 'have a topic with each generator' {
        $text = Get-Content -Raw (Join-Path $documentation about_StreamingPg_Generators.help.txt)
        $listed = [regex]::Matches(($text -csplit '(?m)^GENERATORS\r?\n')[1], '(?m)^    ([a-z][a-z_0-9.]+)\r?$').ForEach{ $_.Groups[1].Value }
        $listed | Sort-Object | Should -Be ((Get-StreamingGenerator | Where-Object IsOwn -EQ $false).Name | Sort-Object)
    }
}

Describe 'The views' {
    BeforeDiscovery {
        $types = [StreamingPg.BatchResult].Assembly.GetExportedTypes() |
            Where-Object { $_.GetMethod('<Clone>$') -and $_.Name -notin 'TableCount', 'StreamingGeneratorArgument' } | ForEach-Object { @{ Type = $_.FullName } }
    }

    It 'exist for <Type>' -ForEach $types {
        Get-FormatData -TypeName $Type -PowerShellVersion $PSVersionTable.PSVersion | Should -Not -BeNullOrEmpty
    }

    It 'read <Bytes> bytes as <Text>' -ForEach @(
        @{ Bytes = 0; Text = '0 B' }
        @{ Bytes = 1023; Text = '1023 B' }
        @{ Bytes = 8192; Text = '8 KB' }
        @{ Bytes = 1258291; Text = '1.2 MB' }
        @{ Bytes = 5GB; Text = '5 GB' }
    ) {
        [StreamingPg.DisplayText]::Bytes($Bytes) | Should -Be $Text
    }

    It 'read <Seconds> seconds as <Text>' -ForEach @(
        @{ Seconds = 0.0042; Text = '4.2 ms' }
        @{ Seconds = 0.25; Text = '250 ms' }
        @{ Seconds = 3.44; Text = '3.4 s' }
        @{ Seconds = 125; Text = '2 min 5 s' }
        @{ Seconds = 86400; Text = '1 d' }
    ) {
        [StreamingPg.DisplayText]::Duration([timespan]::FromSeconds($Seconds)) | Should -Be $Text
    }
}
