<#
.SYNOPSIS
A shop with a past: months of growing, seasonal history, then a live stream that goes on where the history ends.

.DESCRIPTION
Uses the connection of this session (Connect-StreamingDatabase), or the POSTGRES_* variables, or the running private
server (Start-StreamingServer). Writes a report; its charts show the history, the seam and the hours of the week.

.EXAMPLE
./history.ps1 -History 90d -StreamFor 5m -Report history.html
#>
[CmdletBinding()]
param(
    # How far back the history begins, such as 90d.
    [string] $History = '90d',

    # How long the stream runs, such as 5m.
    [string] $StreamFor = '1m',

    # Time between two batches, in history and stream alike.
    [string] $Interval = '10s',

    # Time zone of the opening hours.
    [string] $TimeZone = 'Europe/Berlin',

    # Where the report goes.
    [string] $Report = 'history.html'
)

$ErrorActionPreference = 'Stop'
Initialize-StreamingSchema | Out-Null

# The same rhythm for both, so that nobody can see where the past ends: few events at night, most in the evening, a
# day with three times as many, and a quarter of the people gone within a month.
$rhythm = @{
    Interval    = $Interval
    RatePattern = 'Shop'
    TimeZone    = $TimeZone
    DateFactor  = @{ (Get-Date).AddDays(-1).ToString('yyyy-MM-dd') = 3 }
}
Invoke-StreamingBatch -History $History -Growth Exponential -Churn 0.25 @rhythm
Invoke-StreamingBatch -Continuous -Duration $StreamFor @rhythm | Measure-Object TotalRows -Sum | Select-Object Count, Sum

# Events by weekday and hour, and the last hour against what was loaded.
Get-StreamingEventTime
Get-StreamingEventTime -By Time -Since (Get-Date).AddHours(-1)
Export-StreamingReport -Path $Report
