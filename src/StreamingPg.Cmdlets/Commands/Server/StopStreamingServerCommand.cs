using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Server;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Stops the private server.</summary>
[Cmdlet(VerbsLifecycle.Stop, "StreamingServer", SupportsShouldProcess = true)]
[OutputType(typeof(StreamingServer))]
public sealed class StopStreamingServerCommand : ServerCmdlet
{
    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var path = FindServer().Path;
        if (ShouldProcess(path, "Stop PostgreSQL server"))
        {
            Run(async (output, cancellationToken) =>
            {
                var server = new PrivateServer(path, new PrivateServerOptions { Say = output.Warning });
                output.Write(await server.StopAsync(cancellationToken).ConfigureAwait(false));
            });
        }
    }
}
