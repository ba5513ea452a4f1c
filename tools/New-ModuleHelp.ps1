#Requires -Version 7.4
<#
.SYNOPSIS
Makes the help file that Get-Help reads from the pages in docs/en-US.
.DESCRIPTION
The words come from the pages; names, types and positions of parameters come from the cmdlets themselves. A parameter
without words, or words without a parameter, is an error: help cannot drift from the code.
.PARAMETER Module
Folder of the built module; the help goes into its en-US folder.
.PARAMETER Documentation
Folder of the pages.
.PARAMETER RepositoryUrl
Address of the repository, where Get-Help -Online finds the pages; without it there are no such links.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Module,

    [string] $Documentation = (Join-Path $PSScriptRoot '../docs/en-US'),

    [string] $RepositoryUrl
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
$namespaces = @{
    command = 'http://schemas.microsoft.com/maml/dev/command/2004/10'
    maml = 'http://schemas.microsoft.com/maml/2004/10'
    dev = 'http://schemas.microsoft.com/maml/dev/2004/10'
}

# Splits lines at headings of one level: a table of heading -> lines, in their order. What is before the first is ''.
function Split-Section([string[]] $Line, [int] $Level) {
    $sections = [ordered]@{ '' = [System.Collections.Generic.List[string]]::new() }
    $name = ''
    $inCode = $false
    foreach ($text in $Line) {
        if ($text.StartsWith('```')) {
            $inCode = -not $inCode
        }
        if (-not $inCode -and $text -match "^#{$Level} (.+)$") {
            $name = $Matches[1].Trim()
            $sections[$name] = [System.Collections.Generic.List[string]]::new()
        }
        else {
            $sections[$name].Add($text)
        }
    }
    $sections
}

# Paragraphs of Markdown as plain text: lines joined, emphasis and links taken away. A list keeps its lines.
function ConvertTo-Paragraph([string[]] $Line) {
    $text = ($Line -join "`n") -replace '\[([^\]]+)\]\([^)]+\)', '$1' -replace '`', '' -replace '\*\*', ''
    $text -split "\n\s*\n" | ForEach-Object Trim | Where-Object { $_ } | ForEach-Object {
        if ($_ -match '(?m)^[-|]') { $_ } else { $_ -replace '\s*\n\s*', ' ' }
    }
}

# The first code block of the lines, its output if there is a second one, and the paragraphs after them.
function Split-Example([string[]] $Line) {
    $fences = @(0..($Line.Count - 1) | Where-Object { $Line[$_].StartsWith('```') })
    if ($fences.Count -lt 2) {
        throw 'An example has no code block.'
    }
    @{
        Code = $Line[($fences[0] + 1)..($fences[1] - 1)] -join "`n"
        Output = $fences.Count -ge 4 ? $Line[($fences[2] + 1)..($fences[3] - 1)] -join "`n" : ''
        Remarks = @($Line | Select-Object -Skip ($fences[$fences.Count -ge 4 ? 3 : 1] + 1))
    }
}

function Add-Element([System.Xml.XmlNode] $Parent, [string] $Name, [string] $Text, [hashtable] $Attribute = @{}) {
    $document = $Parent -is [System.Xml.XmlDocument] ? $Parent : $Parent.OwnerDocument
    $prefix = $Name.Split(':')[0]
    $element = $document.CreateElement($Name, $namespaces[$prefix])
    foreach ($key in $Attribute.Keys | Sort-Object) {
        $value = $Attribute[$key]
        $element.SetAttribute($key, ($value -is [bool] ? "$value".ToLowerInvariant() : "$value"))
    }
    if ($Text) {
        $element.InnerText = $Text
    }
    $Parent.AppendChild($element)
}

function Add-Paragraph([System.Xml.XmlNode] $Parent, [string] $Name, [string[]] $Line) {
    $element = Add-Element $Parent $Name
    foreach ($paragraph in ConvertTo-Paragraph $Line) {
        $null = Add-Element $element 'maml:para' $paragraph
    }
    $element
}

# What a parameter is when it is not given, as the cmdlet itself says.
function Get-DefaultText([System.Management.Automation.CmdletInfo] $Cmdlet, $Parameter) {
    if ($Parameter.ParameterType -eq [switch]) {
        return 'False'
    }
    $property = $Cmdlet.ImplementingType.GetProperty($Parameter.Name)
    $value = $property ? $property.GetValue([Activator]::CreateInstance($Cmdlet.ImplementingType)) : $null
    if ($null -eq $value -or ($value -is [string] -and -not $value) -or ($value -is [System.Collections.ICollection] -and $value.Count -eq 0)) { 'None' }
    elseif ($value -is [timespan]) { [StreamingPg.DisplayText]::Duration($value) }
    else { [string]::Format([cultureinfo]::InvariantCulture, '{0}', $value) }
}

# The values that a parameter takes, where there is a list or a range of them.
function Get-AcceptedText($Parameter) {
    $type = [System.Nullable]::GetUnderlyingType($Parameter.ParameterType) ?? $Parameter.ParameterType
    $type = $type.IsArray ? $type.GetElementType() : $type
    if ($type.IsEnum) {
        "Accepted values: $([enum]::GetNames($type) -join ', ')."
    }
    $range = $Parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.ValidateRangeAttribute] }
    if ($range) {
        $isOpen = $range.MaxRange -in [int]::MaxValue, [long]::MaxValue
        "Accepted values: $($range.MinRange) $($isOpen ? 'or more' : "to $($range.MaxRange)")."
    }
}

function Add-Parameter([System.Xml.XmlNode] $Parent, $Parameter, [string[]] $Line, [string] $Default) {
    $pipeline = @(
        if ($Parameter.ValueFromPipeline) { 'ByValue' }
        if ($Parameter.ValueFromPipelineByPropertyName) { 'ByPropertyName' }
    ) -join ', '
    $element = Add-Element $Parent 'command:parameter' '' @{
        required = $Parameter.IsMandatory
        position = $Parameter.Position -ge 0 ? $Parameter.Position : 'named'
        pipelineInput = $pipeline ? "true ($pipeline)" : 'false'
        variableLength = $Parameter.ParameterType.IsArray
        globbing = [bool] ($Parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.SupportsWildcardsAttribute] })
        aliases = $Parameter.Aliases ? $Parameter.Aliases -join ', ' : 'none'
    }
    $null = Add-Element $element 'maml:name' $Parameter.Name
    $null = Add-Paragraph $element 'maml:description' @($Line; if ($Line) { ''; Get-AcceptedText $Parameter })
    $type = [System.Nullable]::GetUnderlyingType($Parameter.ParameterType) ?? $Parameter.ParameterType
    if ($type -ne [switch]) {
        $null = Add-Element $element 'command:parameterValue' $type.Name @{ required = $true; variableLength = $type.IsArray }
    }
    $null = Add-Element (Add-Element $element 'dev:type') 'maml:name' $type.FullName
    if ($Default) {
        $null = Add-Element $element 'dev:defaultValue' $Default
    }
}

function Add-Command([System.Xml.XmlNode] $Parent, [System.Management.Automation.CmdletInfo] $Cmdlet) {
    $page = Split-Section (Get-Content -LiteralPath (Join-Path $Documentation "$($Cmdlet.Name).md")) 2
    $parameters = Split-Section $page['Parameters'] 3
    $parameters.Remove('')
    $own = @($Cmdlet.ParameterSets.Parameters.Name | Where-Object { $_ -notin $common -or $_ -in 'WhatIf', 'Confirm' } | Sort-Object -Unique)
    $difference = Compare-Object $own @($parameters.Keys | ForEach-Object { $_.TrimStart('-') })
    if ($difference) {
        throw "$($Cmdlet.Name): parameters and page differ: $($difference | ForEach-Object { "$($_.InputObject) $($_.SideIndicator)" })"
    }

    $command = Add-Element $Parent 'command:command'
    $details = Add-Element $command 'command:details'
    $null = Add-Element $details 'command:name' $Cmdlet.Name
    $null = Add-Element $details 'command:verb' $Cmdlet.Verb
    $null = Add-Element $details 'command:noun' $Cmdlet.Noun
    $null = Add-Paragraph $details 'maml:description' ($page[''] | Where-Object { $_ -notmatch '^# ' })
    $null = Add-Paragraph $command 'maml:description' $page['Description']

    $syntax = Add-Element $command 'command:syntax'
    foreach ($set in $Cmdlet.ParameterSets) {
        $item = Add-Element $syntax 'command:syntaxItem'
        $null = Add-Element $item 'maml:name' $Cmdlet.Name
        foreach ($parameter in $set.Parameters | Where-Object Name -In $own) {
            Add-Parameter $item $parameter @()
        }
    }

    $list = Add-Element $command 'command:parameters'
    foreach ($name in $own) {
        $parameter = $Cmdlet.ParameterSets.Parameters | Where-Object Name -EQ $name | Select-Object -First 1
        Add-Parameter $list $parameter $parameters["-$name"] (Get-DefaultText $Cmdlet $parameter)
    }

    $values = Add-Element $command 'command:inputTypes'
    $piped = @($Cmdlet.ParameterSets.Parameters | Where-Object { $_.ValueFromPipeline -or $_.ValueFromPipelineByPropertyName } | Sort-Object Name -Unique)
    foreach ($parameter in $piped) {
        $value = Add-Element $values 'command:inputType'
        $type = [System.Nullable]::GetUnderlyingType($parameter.ParameterType) ?? $parameter.ParameterType
        $null = Add-Element (Add-Element $value 'dev:type') 'maml:name' $type.FullName
        $null = Add-Paragraph $value 'maml:description' ($parameter.ValueFromPipeline ? "For -$($parameter.Name)." : "A property $($parameter.Name), for -$($parameter.Name).")
    }
    if (-not $piped) {
        $null = Add-Element (Add-Element (Add-Element $values 'command:inputType') 'dev:type') 'maml:name' 'None'
    }

    $outputs = Split-Section $page['Outputs'] 3
    $outputs.Remove('')
    $values = Add-Element $command 'command:returnValues'
    foreach ($name in $outputs.Keys) {
        $value = Add-Element $values 'command:returnValue'
        $null = Add-Element (Add-Element $value 'dev:type') 'maml:name' $name
        $null = Add-Paragraph $value 'maml:description' $outputs[$name]
    }

    $examples = Split-Section $page['Examples'] 3
    $examples.Remove('')
    $list = Add-Element $command 'command:examples'
    foreach ($title in $examples.Keys) {
        $example = Split-Example $examples[$title]
        $element = Add-Element $list 'command:example'
        $null = Add-Element $element 'maml:title' "----- $title -----"
        $null = Add-Element $element 'dev:code' $example.Code
        $remarks = Add-Paragraph $element 'dev:remarks' $example.Remarks
        foreach ($text in $example.Output -split "`n" | Where-Object { $example.Output }) {
            $null = Add-Element $remarks 'maml:para' $text
        }
    }

    $links = Add-Element $command 'command:relatedLinks'
    if ($RepositoryUrl) {
        $link = Add-Element $links 'maml:navigationLink'
        $null = Add-Element $link 'maml:linkText' 'Online version:'
        $null = Add-Element $link 'maml:uri' "$RepositoryUrl/blob/main/docs/en-US/$($Cmdlet.Name).md"
    }
    foreach ($link in [regex]::Matches($page['Related links'] -join "`n", '\[([^\]]+)\]')) {
        $null = Add-Element (Add-Element $links 'maml:navigationLink') 'maml:linkText' $link.Groups[1].Value
    }
}

$Module = (Resolve-Path -LiteralPath $Module).ProviderPath
$target = New-Item -ItemType Directory -Force -Path (Join-Path $Module 'en-US')
Import-Module (Join-Path $Module 'StreamingPg.psd1')
$document = [System.Xml.XmlDocument]::new()
$root = $document.AppendChild($document.CreateElement('helpItems', 'http://msh'))
$root.SetAttribute('schema', 'maml')
foreach ($cmdlet in Get-Command -Module StreamingPg | Sort-Object Name) {
    Add-Command $root $cmdlet
}
$document.Save((Join-Path $target 'StreamingPg.Cmdlets.dll-Help.xml'))
Copy-Item -Path (Join-Path $Documentation 'about_*.help.txt') -Destination $target
