using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Starts the private server, and makes it first when there is none.</summary>
[Cmdlet(VerbsLifecycle.Start, "StreamingServer", SupportsShouldProcess = true)]
[OutputType(typeof(StreamingServer))]
public sealed class StartStreamingServerCommand : ServerCmdlet
{
    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var server = Server;
        if (ShouldProcess(server.Path, "Start PostgreSQL server"))
        {
            var started = Await(server.StartAsync);
            RunspaceConnections.OfThisRunspace().Server = server;
            WriteObject(started);
        }
    }
}
