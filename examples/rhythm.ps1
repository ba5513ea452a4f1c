#Requires -Version 7.4
<#
.SYNOPSIS
Events with a week: most of them in office hours, few at the weekend, a holiday and a day of sales.
.DESCRIPTION
One batch spreads its events over the last weeks by the rhythm; a stream with the same parameters would follow it tick by tick.
.PARAMETER Weeks
How many weeks back the events reach.
.PARAMETER TimeZone
Time zone of the office hours; daylight saving is respected.
.EXAMPLE
./rhythm.ps1 -Weeks 4 -TimeZone America/New_York
#>
[CmdletBinding()]
param(
    [ValidateRange(1, 520)]
    [int] $Weeks = 4,

    [string] $TimeZone = 'Europe/Berlin'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$null = Initialize-StreamingSchema

# The factors of single days come on top of the pattern. Use your own hours with "$rhythm" in a metadata.json.
$today = (Get-Date).Date
$days = @{
    $today.AddDays(-3).ToString('yyyy-MM-dd') = 0.05 # a holiday
    $today.AddDays(-5).ToString('yyyy-MM-dd') = 6 # a day of sales
}
$null = Invoke-StreamingBatch -Users 200 -Transactions 4000 -Details 8000 -TimeSpan "$(7 * $Weeks)d" -RatePattern Office -TimeZone $TimeZone -DateFactor $days

# Each line is a weekday, each bar an hour (UTC).
Get-StreamingEventTime transactions
