#Requires -Version 7.5
<#
.SYNOPSIS
Imports the files that the fuzz tests left in STREAMINGPG_FUZZ_FOLDER by the cmdlet, and compares with what became of them there.
.DESCRIPTION
Every file goes through -Path: the same error, or the same rows. Those of JSON lines are piped, too: a row that goes in is the same, or
is refused by name. Returns the differences; the last line has the figures. Of numbers with a point ConvertFrom-Json makes doubles
before they are piped: 12.50 in jsonb and long numerics are listed as differences of piped files for that reason alone.
.PARAMETER Folder
The files.
.PARAMETER First
How many at most.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Folder,

    [int] $First = [int]::MaxValue
)

$ErrorActionPreference = 'Stop'
$Folder = Resolve-Path $Folder
. (Join-Path $PSScriptRoot 'Common.ps1')
try {
    $metadata = Join-Path $Folder 'metadata.json'
    $connection = Connect-StreamingDatabase -Schema fuzz
    $null = Initialize-StreamingSchema -Metadata $metadata
    $into = @{ Table = 't'; Metadata = $metadata; WarningAction = 'Ignore' }
    $counts = [ordered]@{ Files = 0; Loaded = 0; Refused = 0; Piped = 0; PipedRefused = 0; Differences = 0 }

    function Get-Outcome([scriptblock] $Import) {
        $null = Invoke-Sql $connection 'TRUNCATE fuzz.t'
        try {
            $null = & $Import
        }
        catch {
            return ($_.FullyQualifiedErrorId -split ',')[0]
        }
        Invoke-Sql $connection "SELECT coalesce(md5(string_agg((to_jsonb(t) - 'k')::text, '|' ORDER BY k)), 'empty') FROM fuzz.t"
    }

    function Write-Difference([string] $Text) {
        $counts.Differences++
        $Text
    }

    $isHash = '^([0-9a-f]{32}|empty)$'
    foreach ($file in Get-ChildItem $Folder -Filter *.outcome | Select-Object -First $First) {
        $path = $file.FullName -replace '\.outcome$'
        $expected = Get-Content -Raw $file
        $format = $path -like '*.csv' ? 'Csv' : 'Json'
        $counts.Files++
        $outcome = Get-Outcome { Import-StreamingData @into -Path $path -Format $format }
        $counts[$outcome -match $isHash ? 'Loaded' : 'Refused']++
        if ($outcome -ne $expected) {
            Write-Difference "$path by -Path: $outcome, expected $expected"
        }
        if ($format -eq 'Json' -and $expected -match $isHash) {
            $counts.Piped++
            $outcome = Get-Outcome { Get-Content $path | ConvertFrom-Json -DateKind String | Import-StreamingData @into }
            if ($outcome -notmatch $isHash) {
                $counts.PipedRefused++
            }
            elseif ($outcome -ne $expected) {
                Write-Difference "$path piped: $(Invoke-Sql $connection 'SELECT to_jsonb(t)::text FROM fuzz.t LIMIT 1')"
            }
        }
    }
    $counts.GetEnumerator().ForEach({ "$($_.Key) $($_.Value)" }) -join ', '
}
finally {
    Remove-TestServer
}
