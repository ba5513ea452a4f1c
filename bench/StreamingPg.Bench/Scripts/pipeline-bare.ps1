# Prints the seconds that so many objects take from one compiled cmdlet to another, neither of which does anything with
# them: what PowerShell's pipeline itself costs.
param([Parameter(Mandatory)] [long] $Count)
$ErrorActionPreference = 'Stop'
$cmdlets = Add-Type -PassThru -TypeDefinition @'
using System;
using System.Management.Automation;

namespace StreamingPg.Bench.Bare
{
    public sealed class Item
    {
        public long Number { get; set; }
    }

    [Cmdlet(VerbsCommon.New, "BareItem")]
    public sealed class NewBareItemCommand : PSCmdlet
    {
        [Parameter(Mandatory = true)]
        public long Count { get; set; }

        protected override void EndProcessing()
        {
            for (long number = 0; number < Count; number++)
            {
                WriteObject(new Item { Number = number });
            }
        }
    }

    [Cmdlet(VerbsLifecycle.Complete, "BareItem")]
    public sealed class CompleteBareItemCommand : PSCmdlet
    {
        private long _count;

        [Parameter(Mandatory = true, ValueFromPipeline = true)]
        public PSObject InputObject { get; set; }

        protected override void ProcessRecord()
        {
            _count++;
        }

        protected override void EndProcessing()
        {
            WriteObject(_count);
        }
    }
}
'@
Import-Module -Assembly $cmdlets[0].Assembly
$clock = [Diagnostics.Stopwatch]::StartNew()
$arrived = New-BareItem -Count $Count | Complete-BareItem
$clock.Stop()
if ($arrived -ne $Count) {
    throw "$arrived objects arrived instead of $Count."
}
$clock.Elapsed.TotalSeconds.ToString('R', [cultureinfo]::InvariantCulture)
