using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Server;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Stops the private server and deletes it with its data.</summary>
[Cmdlet(VerbsCommon.Remove, "StreamingServer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(StreamingServer))]
public sealed class RemoveStreamingServerCommand : ServerCmdlet
{
    /// <summary>Ends open sessions.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var server = FindServer();
        RunspaceConnections.OfThisRunspace().CloseIdle();
        var text = Await(stopping => ServerRemoval.DescribeAsync(server, stopping));
        if (ShouldProcess(text, $"{text}?", "Remove-StreamingServer"))
        {
            WriteObject(Await(stopping => ServerRemoval.RemoveAsync(server, Force, stopping)));
        }
    }
}
