# Prints the seconds that so many users take from the generator through the pipeline into the database, commit included.
param([Parameter(Mandatory)] [string] $Module, [Parameter(Mandatory)] [long] $Count)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Import-Module $Module
$clock = [Diagnostics.Stopwatch]::StartNew()
$result = New-StreamingUser -Count $Count | Import-StreamingData
$clock.Stop()
if ($result.Rows -ne $Count) {
    throw "$($result.Rows) rows arrived instead of $Count."
}
$clock.Elapsed.TotalSeconds.ToString('R', [cultureinfo]::InvariantCulture)
