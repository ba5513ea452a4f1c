#Requires -Version 7.4
<#
.SYNOPSIS
Registers a stream with the Windows Task Scheduler: it starts with the machine and is restarted if it fails.
.PARAMETER Program
Path of streamingpg.exe.
.PARAMETER Interval
Interval between batches.
.PARAMETER TaskName
Name of the task.
.PARAMETER Log
File of the event log.
.EXAMPLE
./Register-StreamingTask.ps1 -Program C:\StreamingPg\streamingpg.exe -Interval 1m -WhatIf
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)]
    [string] $Program,

    [string] $Interval = '1m',

    [string] $TaskName = 'StreamingPg',

    [string] $Log = 'C:\StreamingPg\stream.jsonl'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$argument = "stream --interval $Interval --log-path `"$Log`""
if ($PSCmdlet.ShouldProcess($TaskName, "Register the task: `"$Program`" $argument")) {
    $action = New-ScheduledTaskAction -Execute $Program -Argument $argument
    $trigger = New-ScheduledTaskTrigger -AtStartup
    $settings = New-ScheduledTaskSettingsSet -RestartCount 3 -RestartInterval (New-TimeSpan -Minutes 1) -ExecutionTimeLimit ([timespan]::Zero)
    # POSTGRES_HOST and the others are machine variables; the password is in %APPDATA%\postgresql\pgpass.conf of this account.
    Register-ScheduledTask -TaskName $TaskName -Action $action -Trigger $trigger -Settings $settings -User 'NT AUTHORITY\NETWORK SERVICE'
}
