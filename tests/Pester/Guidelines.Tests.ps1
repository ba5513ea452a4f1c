BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    $cmdlets = Get-Command -Module StreamingPg | ForEach-Object { @{ Name = $_.Name } }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters

    # A file is meant: PowerShell completes it by itself.
    $files = 'Path', 'Metadata', 'RejectPath', 'LogPath', 'ThresholdPath', 'GeneratorPath'

    # Words that end in s and are no plural, and values that are always several.
    $singular = 'Continuous', 'Until', 'Status', 'Statistics', 'AllSchemas', 'Users', 'Transactions', 'Details', 'Rows', 'MaxRows', 'MaxBatches', 'LargeKeys'
    $type = { param($parameter) [Nullable]::GetUnderlyingType($parameter.ParameterType) ?? $parameter.ParameterType }
}

# The required and the strongly encouraged guidelines for cmdlets, as far as a declaration shows them.
# Source: "Required Development Guidelines" and "Strongly Encouraged Development Guidelines" of the PowerShell documentation.
Describe 'Guidelines: <Name>' -ForEach $cmdlets {
    BeforeAll {
        $command = Get-Command $Name
        $own = @($command.Parameters.Values | Where-Object Name -NotIn $common)
        $set = $command.ParameterSets
        $help = Get-Help $Name -Full
    }

    It 'has an approved verb and a singular noun in Pascal case' {
        (Get-Verb).Verb | Should -Contain $command.Verb
        $command.Noun | Should -MatchExactly '^Streaming(Likeness|[A-Z][a-z]+(?<!s)(Sale|Activity|Time)?)$'
    }

    It 'is a class of the same name' {
        $command.ImplementingType.Name | Should -BeExactly "$($command.Verb)$($command.Noun)Command"
    }

    It 'declares what it gives' {
        $command.OutputType | Should -Not -BeNullOrEmpty
    }

    It 'asks before it changes something, and what destroys asks by itself' {
        $attribute = $command.ImplementingType.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false)
        if ($command.Verb -in 'Clear', 'Close', 'Export', 'Import', 'Initialize', 'Invoke', 'Remove', 'Restore', 'Save', 'Start', 'Stop', 'Update') {
            $attribute.SupportsShouldProcess | Should -BeTrue
        }
        if ($command.Verb -in 'Clear', 'Remove', 'Update') {
            $attribute.ConfirmImpact | Should -Be 'High'
        }
    }

    It 'has parameter names in Pascal case, singular, and none that PowerShell reserves' {
        $own.Name | Where-Object { $_ -cnotmatch '^[A-Z][A-Za-z]+$' } | Should -BeNullOrEmpty
        $own.Name | Where-Object { $_ -match 's$' -and $_ -notmatch 'ss$' -and $_ -notin $singular } | Should -BeNullOrEmpty
    }

    It 'has switches, not Booleans, and credentials as such' {
        $own | Where-Object { (& $type $_) -eq [bool] } | Should -BeNullOrEmpty
        $own | Where-Object { $_.Name -match 'Password|Secret' } | Should -BeNullOrEmpty
        $own | Where-Object Name -EQ Credential | ForEach-Object { $_.ParameterType | Should -Be ([pscredential]) }
    }

    It 'has no more than two positions, and one default set' {
        foreach ($one in $set) {
            @($one.Parameters | Where-Object Position -GE 0).Count | Should -BeLessOrEqual 2
        }
        if ($set.Count -gt 1) {
            @($set | Where-Object IsDefault).Count | Should -Be 1
        }
    }

    It 'takes the names that people know' {
        $aliases = @{ HostName = 'ComputerName', 'Host'; Parallel = 'ThrottleLimit' }
        foreach ($parameter in $own | Where-Object { $aliases.ContainsKey($_.Name) }) {
            $aliases[$parameter.Name] | Where-Object { $_ -notin $parameter.Aliases } | Should -BeNullOrEmpty
        }
        foreach ($parameter in $own | Where-Object { $_.Name -eq 'Metadata' -and ($_.ParameterSets.Values.ValueFromPipelineByPropertyName -contains $true) }) {
            'FullName', 'PSPath' | Where-Object { $_ -notin $parameter.Aliases } | Should -BeNullOrEmpty
        }
    }

    It 'has a completer for every parameter that is no file, and so never offers a file there' {
        foreach ($parameter in $own | Where-Object Name -NotIn $files) {
            $plain = & $type $parameter
            $plain = $plain.IsArray ? $plain.GetElementType() : $plain
            $isKnown = $plain -eq [switch] -or $plain.IsEnum -or
                @($parameter.Attributes | Where-Object {
                    $_ -is [ArgumentCompleter] -or $_ -is [System.Management.Automation.ValidateSetAttribute] }).Count -gt 0
            $isKnown | Should -BeTrue -Because "-$($parameter.Name) would complete files"
        }
    }

    It 'has help with default and accepted values, inputs and outputs' {
        foreach ($parameter in $own | Where-Object Name -NotIn WhatIf, Confirm) {
            $described = $help.parameters.parameter | Where-Object name -EQ $parameter.Name
            $described.defaultValue | Should -Not -BeNullOrEmpty -Because "-$($parameter.Name) needs its default"
            $plain = & $type $parameter
            $plain = $plain.IsArray ? $plain.GetElementType() : $plain
            if ($plain.IsEnum) {
                [enum]::GetNames($plain) | Where-Object { ($described.description.Text -join ' ') -notmatch "\b$_\b" } | Should -BeNullOrEmpty
            }
        }
        $help.inputTypes.inputType.type.name | Should -Not -BeNullOrEmpty
        $help.returnValues.returnValue.type.name | Should -Not -BeNullOrEmpty
    }
}
