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

$inner = Microsoft.PowerShell.Core\Import-Module -Assembly ([StreamingPg.LoadContext]::GetCmdlets($binaries)) -PassThru:$isReload
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
