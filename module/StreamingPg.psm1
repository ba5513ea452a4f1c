# Loads the cmdlets into a load context of their own; see LoadContext.cs. Everything here is paid for at each import.
$ErrorActionPreference = 'Stop'
if ("$($ExecutionContext.SessionState.LanguageMode)" -ne 'FullLanguage') {
    throw 'StreamingPg cannot be imported in constrained language mode, where no module that the policy does not trust may load assemblies. ' +
        'Import it before the mode is set (a session configuration does), or let the policy trust the files of the module.'
}
$framework = if ([System.Environment]::Version.Major -ge 10) { 'net10.0' } else { 'net8.0' }
$binaries = [System.IO.Path]::Combine($PSScriptRoot, 'bin', $framework)
$isReload = $null -ne ('StreamingPg.LoadContext' -as [type])
if (-not $isReload) {
    [void][System.Reflection.Assembly]::LoadFrom([System.IO.Path]::Combine($binaries, 'StreamingPg.dll'))
}

$cmdlets = [StreamingPg.LoadContext]::GetCmdlets($binaries)
$inner = Microsoft.PowerShell.Core\Import-Module -Assembly $cmdlets -PassThru:$isReload
if ($isReload) {
    # An assembly that PowerShell has imported before is taken from its cache, and then its cmdlets are not exported by
    # the module that asks (https://github.com/PowerShell/PowerShell/issues/20710).
    $addExportedCmdlet = [System.Management.Automation.PSModuleInfo].GetMethod(
        'AddExportedCmdlet', [System.Reflection.BindingFlags]'Instance, NonPublic')
    foreach ($cmdlet in $inner.ExportedCmdlets.Values) {
        [void]$addExportedCmdlet.Invoke($ExecutionContext.SessionState.Module, @(, $cmdlet))
    }
}
else {
    # Not by the manifest, which would add them again, with an error, for a second copy of the module.
    Update-TypeData -AppendPath ([System.IO.Path]::Combine($PSScriptRoot, 'StreamingPg.Types.ps1xml'))
}

# PowerShell asks no completer for the keys of a hash table (https://github.com/PowerShell/PowerShell/issues/3845), such as -Rows @{ <Tab>.
# Where it has nothing to offer, ours is asked; Remove-Module puts the function back.
$tabExpansion = $function:global:TabExpansion2
if ($tabExpansion) {
    $script:keyCompletion = $cmdlets.GetType('StreamingPg.Cmdlets.Infrastructure.KeyCompletion')

    # Made from text, it is no function of this module: it runs where Tab is pressed, so that the variables there are seen (at a breakpoint,
    # for instance) and none of this module's, and Get-Command -Module StreamingPg does not list it. Its own are private, lest they hide
    # others of their names. It outlives the module where something else holds it, such as a function that wraps it.
    $withKeys = [scriptblock]::Create(@'
        [CmdletBinding(DefaultParameterSetName = 'ScriptInputSet')]
        [OutputType([System.Management.Automation.CommandCompletion])]
        param(
            [Parameter(ParameterSetName = 'ScriptInputSet', Mandatory, Position = 0)] [AllowEmptyString()] [string] $inputScript,
            [Parameter(ParameterSetName = 'ScriptInputSet', Position = 1)] [int] $cursorColumn,
            [Parameter(ParameterSetName = 'AstInputSet', Mandatory, Position = 0)] [System.Management.Automation.Language.Ast] $ast,
            [Parameter(ParameterSetName = 'AstInputSet', Mandatory, Position = 1)] [System.Management.Automation.Language.Token[]] $tokens,
            [Parameter(ParameterSetName = 'AstInputSet', Mandatory, Position = 2)] [System.Management.Automation.Language.IScriptPosition] $positionOfCursor,
            [Parameter(ParameterSetName = 'ScriptInputSet', Position = 2)] [Parameter(ParameterSetName = 'AstInputSet', Position = 3)] [hashtable] $options
        )
        $private:streamingPg = Microsoft.PowerShell.Core\Get-Module StreamingPg -All |
            Microsoft.PowerShell.Core\Where-Object ModuleBase -EQ '<ModuleBase>' | Microsoft.PowerShell.Utility\Select-Object -Last 1
        if (-not $PSBoundParameters.ContainsKey('cursorColumn')) {
            $cursorColumn = $inputScript.Length
        }
        if (-not $streamingPg) {
            if ($ast) {
                return [System.Management.Automation.CommandCompletion]::CompleteInput($ast, $tokens, $positionOfCursor, $options)
            }
            return [System.Management.Automation.CommandCompletion]::CompleteInput($inputScript, $cursorColumn, $options)
        }
        $private:streamingPgFound = & (& $streamingPg { $tabExpansion }) @PSBoundParameters
        if ($streamingPgFound.CompletionMatches.Count -gt 0) {
            return $streamingPgFound
        }
        if ($ast) {
            return (& $streamingPg { $keyCompletion })::Complete(
                $streamingPgFound, $ast.Extent.Text, $positionOfCursor.Offset - $ast.Extent.StartOffset)
        }
        (& $streamingPg { $keyCompletion })::Complete($streamingPgFound, $inputScript, $cursorColumn)
'@.Replace('<ModuleBase>', [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($PSScriptRoot)))
    $function:global:TabExpansion2 = $withKeys
    $ExecutionContext.SessionState.Module.OnRemove = {
        if ($function:global:TabExpansion2.Ast -eq $withKeys.Ast) {
            $function:global:TabExpansion2 = $tabExpansion
        }
    }
}
