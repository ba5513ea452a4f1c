#Requires -Version 7.4
<#
.SYNOPSIS
Writes docs/models.md: the models in examples, each with its tables and a drawing of how they refer to each other.
.PARAMETER Path
File to write; the page itself when left out.
#>
[CmdletBinding()]
param([string] $Path)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$top = Split-Path $PSScriptRoot
if (-not $Path) {
    $Path = Join-Path $top 'docs/models.md'
}

function Get-Property($Value, [string] $Name) {
    if ($Value -is [Collections.IDictionary] -and $Value.Contains($Name)) { $Value[$Name] }
}

# parent ||--o{ child : column, with o instead of | where the reference is optional.
function Get-Reference([string] $Table, $Definition) {
    foreach ($column in $Definition.columns.GetEnumerator()) {
        $key = Get-Property $column.Value 'foreign_key'
        if ($key) {
            $optional = (Get-Property $column.Value 'null_ratio') -or (Get-Property $column.Value 'nullable') -eq $true
            $parent = $key -is [string] ? $key.Split('.')[0] : $key.table
            "  $parent $($optional ? '|o' : '||')--o{ $Table : `"$($column.Key)`""
        }
    }
    foreach ($key in Get-Property $Definition 'foreign_keys') {
        "  $($key.table) ||--o{ $Table : `"$($key.columns -join ', ')`""
    }
}

function Get-ModelText([IO.FileInfo] $File) {
    $model = Get-Content -Raw -LiteralPath $File | ConvertFrom-Json -AsHashtable
    $tables = @($model.GetEnumerator() | Where-Object { -not $_.Key.StartsWith('$') })
    $link = [IO.Path]::GetRelativePath((Join-Path $top 'docs'), $File.FullName).Replace('\', '/')
    "## $($File.BaseName)"
    ''
    "[$($File.Name)]($link): $($tables.Count) tables."
    ''
    '```mermaid'
    'erDiagram'
    foreach ($table in $tables) {
        Get-Reference $table.Key $table.Value
    }
    '```'
    ''
    foreach ($table in $tables) {
        $description = Get-Property $table.Value 'description'
        $retention = Get-Property $table.Value 'retention'
        $notes = @($description; $retention ? "rows are kept for $retention" : $null) | Where-Object { $_ }
        "- ``$($table.Key)``$($notes ? ": $($notes -join '; ')" : '')"
    }
    ''
}

$intro = @'
# Models

Whole schemas to begin with: ten tables or more each, with people whose names and e-mail addresses agree, CHECK constraints, and a rhythm of the
week. A test creates each of them, fills it twice and checks every row. `New-StreamingMetadata bank -Path bank.json` (`streamingpg new-metadata --model
bank --path bank.json`) gives you the file, to change and to use with `-Metadata`. This page is written by tools/New-ModelPage.ps1.

'@
$files = @(Get-Item (Join-Path $top 'examples/shop.json')) + @(Get-ChildItem (Join-Path $top 'examples/models') -Filter *.json | Sort-Object Name)
$lines = @($intro.ReplaceLineEndings("`n").TrimEnd("`n"); ''; $files | ForEach-Object { Get-ModelText $_ })
$next = 'Next: [SQL behind every cmdlet](sql.md). [All pages](README.md)'
[IO.File]::WriteAllText($Path, ($lines -join "`n").TrimEnd("`n") + "`n`n$next`n")
