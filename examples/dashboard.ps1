#Requires -Version 7.4
<#
.SYNOPSIS
A live page: a stream runs in this session, and the browser shows its rows, rate, lag, latency and health while it does.
.DESCRIPTION
Uses the connection of this session, the POSTGRES_* variables or the running private server. The page is for the browsers of this machine; its
buttons pause, resume and stop the stream. Stream and page end after -For, or with Ctrl+C.
.PARAMETER For
How long both run.
.PARAMETER Interval
Time between two batches.
.PARAMETER Open
Open the page in the browser.
.EXAMPLE
./dashboard.ps1 -For 10m -Open
#>
[CmdletBinding()]
param(
    [string] $For = '5m',

    [string] $Interval = '1s',

    [switch] $Open
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$null = Initialize-StreamingSchema

# Busy evenings as in a shop: the page shows the hours of the week.
$job = Invoke-StreamingBatch -Continuous -Interval $Interval -Duration $For -RatePattern Shop -AsJob
$dashboard = Start-StreamingDashboard -AllowControl -Open:$Open
try {
    $dashboard

    # Until the stream ends: by its duration, or because somebody pressed Stop on the page.
    $job | Receive-Job -Wait | Measure-Object TotalRows -Sum | Select-Object @{ Name = 'Batches'; Expression = 'Count' }, @{ Name = 'Rows'; Expression = 'Sum' }
}
finally {
    $dashboard | Stop-StreamingDashboard
    $job | Remove-Job -Force
}
