using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Stops the private server.</summary>
[Cmdlet(VerbsLifecycle.Stop, "StreamingServer", SupportsShouldProcess = true)]
[OutputType(typeof(StreamingServer))]
public sealed class StopStreamingServerCommand : ServerCmdlet
{
    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var server = Server;
        if (ShouldProcess(server.Path, "Stop PostgreSQL server"))
        {
            WriteObject(Await(server.StopAsync));
        }
    }
}
