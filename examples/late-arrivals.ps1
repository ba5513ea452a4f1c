#Requires -Version 7.4
<#
.SYNOPSIS
Late arrivals: a stream in which some events come minutes or hours after they happened, as from phones that were offline.
.DESCRIPTION
Shows what a query over a window of time misses if it runs once, when the window closes: the test data for watermarks, corrections and
incremental loads.
.PARAMETER Share
Share of the late rows, 0 to 1.
.PARAMETER By
How late they are, from..to.
.PARAMETER StreamFor
How long the stream runs.
.EXAMPLE
./late-arrivals.ps1 -Share 0.05 -By 1m..2h -StreamFor 5m
#>
[CmdletBinding()]
param(
    [ValidateRange(0.0, 1.0)]
    [double] $Share = 0.1,

    [string] $By = '5m..2h',

    [string] $StreamFor = '10s'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$null = Initialize-StreamingSchema
$began = [datetime]::UtcNow
$batches = Invoke-StreamingBatch -Continuous -Interval 500ms -Duration $StreamFor -Late $Share -LateBy $By

# What the stream counted, and what a query finds that asks for events from before it began.
$found = Invoke-StreamingQuery 'SELECT count(*) AS rows FROM transactions WHERE transaction_date < $1::timestamp' -ArgumentList $began
$counted = $batches | Measure-Object TotalRows, LateRows -Sum
Write-Information "$($counted[1].Sum) of $($counted[0].Sum) rows came late; $($found.rows) transactions are older than the stream." -InformationAction Continue
Get-StreamingEventTime transactions -By Lateness
