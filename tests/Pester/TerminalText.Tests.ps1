BeforeAll {
    . $PSScriptRoot/Common.ps1
}

# What stands in data must not be obeyed by the terminal that shows it.
Describe 'Escape sequences in data' {
    BeforeAll {
        $evil = "a$([char]27)]0;owned$([char]7)b$([char]27)[2Jc$([char]0x9b)31m$([char]0x202e)d"
        $assembly = [StreamingPg.DisplayText].Assembly
        $core = (Connect-StreamingDatabase).GetType().Assembly

        # An object of a type, with the evil text in every property that can hold one.
        function New-Evil([type] $Type, [int] $Depth = 0) {
            $object = [Runtime.CompilerServices.RuntimeHelpers]::GetUninitializedObject($Type)
            foreach ($property in $Type.GetProperties() | Where-Object CanWrite) {
                $property.SetValue($object, (New-EvilValue $property.PropertyType $Depth))
            }
            $object
        }

        function New-EvilValue([type] $Type, [int] $Depth) {
            if ($Type -eq [string]) { return $evil }
            if ($Type -eq [object]) { return $evil }
            if ($Type.IsGenericType -and $Type.GetGenericTypeDefinition() -eq [Nullable`1]) { return [Activator]::CreateInstance($Type.GetGenericArguments()[0]) }
            if ($Type.IsValueType) { return [Activator]::CreateInstance($Type) }
            if ($Type.IsGenericType) {
                $arguments = $Type.GetGenericArguments()
                if ($arguments.Count -eq 1) {
                    $list = [Activator]::CreateInstance([Collections.Generic.List`1].MakeGenericType($arguments))
                    if ($arguments[0] -eq [string] -or $arguments[0].Namespace -eq 'StreamingPg') { $list.Add((New-EvilValue $arguments[0] ($Depth + 1))) }
                    if ($Type.IsInstanceOfType($list)) { return , $list }
                }
                elseif ($arguments[0] -eq [string]) {
                    $dictionary = [Activator]::CreateInstance([Collections.Generic.Dictionary`2].MakeGenericType($arguments))
                    $dictionary.Add($evil, (New-EvilValue $arguments[1] ($Depth + 1)))
                    if ($Type.IsInstanceOfType($dictionary)) { return $dictionary }
                }
                return $null
            }
            if ($Type.Namespace -eq 'StreamingPg' -and -not $Type.IsAbstract -and $Depth -lt 3) { return New-Evil $Type ($Depth + 1) }
            $null
        }

        # Its names are settings, which come from files and variables.
        function New-EvilConnection {
            $type = $core.GetType('StreamingPg.Core.Connections.DatabaseConnection')
            $constructor = $type.GetConstructors()[0]
            $settings = [Activator]::CreateInstance($constructor.GetParameters()[0].ParameterType)
            $settings['Host'] = $settings['Database'] = $settings['Username'] = $evil
            $constructor.Invoke(@($settings, $evil, [StreamingPg.ConnectionSource]::Parameter))
        }

        $script:obeyed = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
    }

    BeforeDiscovery {
        . $PSScriptRoot/Common.ps1
        [xml] $views = Get-Content -Raw -LiteralPath (Join-Path (Split-Path (Get-ModuleManifest)) 'StreamingPg.Format.ps1xml')
        $types = $views.SelectNodes('//ViewSelectedBy/TypeName').InnerText | Sort-Object -Unique | ForEach-Object { @{ TypeName = $_ } }
        $types.Count | Should -BeGreaterThan 10
    }

    It 'are shown harmless in the view of <TypeName>' -ForEach $types {
        $object = $TypeName -eq 'StreamingPg.StreamingConnection' ? (New-EvilConnection) : (New-Evil $assembly.GetType($TypeName))
        $PSStyle.OutputRendering = 'PlainText'
        foreach ($shown in ($object | Out-String -Width 4000)) {
            $shown | Should -Not -BeNullOrEmpty
            $shown | Should -Not -Match $obeyed
        }
    }

    It 'are shown harmless by a watch' {
        $rate = New-Evil ($assembly.GetType('StreamingPg.TableRate'))
        $screen = [Activator]::CreateInstance($core.GetType('StreamingPg.Core.Growth.GrowthScreen'), @($evil))
        $shown = $screen.Text([StreamingPg.TableRate[]] @($rate), 200, 50)
        # Its own: to the end of the line, to the end of the screen.
        $shown.Replace("$([char]27)[K", '').Replace("$([char]27)[J", '') | Should -Not -Match $obeyed
        $shown | Should -Match 'owned'
    }
}
