#Requires -Version 7.4
<#
.SYNOPSIS
Runs the blocks of one page in this PowerShell, one after the other; DocPage.ps1 starts it and reads its result.
.PARAMETER Path
The plan: page, folder, module, blocks, and the file for the result.
#>
param([Parameter(Mandatory)] [string] $Path)

# Names that no page uses, because its blocks run in this scope.
$docPlan = Get-Content -Raw -LiteralPath $Path | ConvertFrom-Json
$docResult = @{ Run = 0; Line = 0; NotRun = @(); Failed = @(); Outputs = @() }
$docOutput = ''
$docSql = $null

function Save-DocResult {
    $docResult | ConvertTo-Json -Depth 3 | Set-Content -LiteralPath $docPlan.Result
}

# Each line of a script has the number that it has in the page, so errors name it.
function Add-DocLine([string] $Text, [int] $Line) {
    "`n" * ($Line - 1) + $Text
}

function Invoke-DocShell($Block) {
    $file = Join-Path (Split-Path $Path) "$($docPlan.Page).sh"
    $trap = "trap 'echo `"$($docPlan.Page):`$LINENO: `$BASH_COMMAND: exit code `$?`" >&2' ERR"
    Set-Content -LiteralPath $file -Value ($trap + (Add-DocLine $Block.Text $Block.Line)) -NoNewline
    $said = & { $PSNativeCommandUseErrorActionPreference = $false; bash -Eeuo pipefail $file 2>&1 } | Out-String
    if ($LASTEXITCODE -ne 0) {
        throw $said
    }
    $said
}

# By the driver inside the module, in a runspace of its own: the session's connection stays as the page left it.
function Invoke-DocSql($Block) {
    if (-not $script:docSql) {
        $script:docSql = [powershell]::Create()
        $null = $script:docSql.AddScript("`$ErrorActionPreference = 'Stop'; Import-Module '$($docPlan.Module)'; `$connection = Connect-StreamingDatabase").Invoke()
    }
    $script:docSql.Commands.Clear()
    $null = $script:docSql.AddScript('param($sql) $command = $connection.DataSource.CreateCommand($sql); try { $command.ExecuteNonQuery() } finally { $command.Dispose() }').AddArgument($Block.Text)
    $null = $script:docSql.Invoke()
}

function Test-DocJson($Block) {
    $text = $Block.Text.TrimStart() -match '^[{[]' ? $Block.Text : "{ $($Block.Text) }"
    $value = $text | ConvertFrom-Json
    $tables = @($value.PSObject.Properties | Where-Object Name -NotLike '$*')
    if ($value -is [pscustomobject] -and $tables -and -not ($tables | Where-Object { -not $_.Value.columns })) {
        $file = Join-Path $docPlan.Folder ($Block.File ? $Block.File : 'metadata-of-a-block.json')
        Set-Content -LiteralPath $file -Value $text
        Get-StreamingMetadata -Metadata $file
    }
}

# Compiles it, with the namespaces that a new project uses.
function Add-DocType($Block) {
    $usings = "#nullable enable`nusing System; using System.Collections.Generic; using System.Linq;`n"
    Add-Type -TypeDefinition ($usings + $Block.Text) -ReferencedAssemblies ([StreamingPg.BatchResult].Assembly.Location), 'System.Runtime', 'System.Collections', 'System.Linq'
}

# What a page shows as output is what it had; blanks at ends of lines do not count.
function Test-DocOutput($Block) {
    $expected, $actual = $Block.Text, $docOutput | ForEach-Object { ($_.Split("`n").TrimEnd() -join "`n").Trim("`n") }
    if ($expected -cne $actual) {
        if ($env:STREAMINGPG_UPDATE_DOCS) {
            $docResult.Outputs += @{ Line = $Block.Line; Text = $actual }
        }
        else {
            throw "The output is not what the page shows. It is now:`n$actual"
        }
    }
}

Import-Module $docPlan.Module
$PSStyle.OutputRendering = 'PlainText'
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
Set-Location -LiteralPath $docPlan.Folder
foreach ($docBlock in $docPlan.Blocks) {
    if ($docBlock.NotRun) {
        continue
    }
    $docResult.Line = $docBlock.Line
    Save-DocResult
    try {
        if ($docBlock.File) {
            Set-Content -LiteralPath (Join-Path $docPlan.Folder $docBlock.File) -Value $docBlock.Text -NoNewline
            if ($docBlock.Language -ne 'json') {
                continue
            }
        }
        switch -CaseSensitive ($docBlock.Language) {
            'powershell' {
                $docOutput = . ([scriptblock]::Create((Add-DocLine $docBlock.Text $docBlock.Line))) | Out-String -Width 150
                $docOutput
                $docResult.Run++
            }
            'sh' {
                if (Get-Command bash -CommandType Application -ErrorAction Ignore) {
                    $docOutput = Invoke-DocShell $docBlock
                    $docOutput
                    $docResult.Run++
                }
                else {
                    $docResult.NotRun += 'needs bash'
                }
            }
            'sql' { Invoke-DocSql $docBlock; $docResult.Run++ }
            'json' { $null = Test-DocJson $docBlock; $docResult.Run++ }
            { $_ -in 'text', '' } { if ($docBlock.Output) { Test-DocOutput $docBlock } }
            'csharp' { Add-DocType $docBlock; $docResult.Run++ }
            { $_ -in 'yaml', 'ini', 'cron', 'mermaid' } { $docResult.NotRun += "$_, which is only shown" }
            default { throw "The language '$_' is not one that is run or shown: powershell, sh, sql, json, csharp; yaml, ini, cron, mermaid, text." }
        }
    }
    catch {
        $docLine = $_.InvocationInfo.ScriptName ? $docBlock.Line : [Math]::Max($docBlock.Line, $_.InvocationInfo.ScriptLineNumber)
        $docId = $_.FullyQualifiedErrorId -in $_.Exception.Message, 'RuntimeException' ? '' : " [$($_.FullyQualifiedErrorId)]"
        $docResult.Failed += "$($docPlan.Page):${docLine}: $($_.Exception.GetBaseException().Message.Trim())$docId"
    }
}
Save-DocResult
