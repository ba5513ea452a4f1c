using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Server;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Starts the private server, and makes it first when there is none.</summary>
[Cmdlet(VerbsLifecycle.Start, "StreamingServer", SupportsShouldProcess = true)]
[OutputType(typeof(StreamingServer))]
public sealed class StartStreamingServerCommand : ServerCmdlet
{
    /// <summary>Downloads PostgreSQL's server programs when none are found.</summary>
    [Parameter]
    public SwitchParameter Download { get; set; }

    /// <summary>How much goes into the WAL for others to read.</summary>
    [Parameter]
    public WalLevel? WalLevel { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        // What is started without a path is the user's own server, whichever the session used before.
        var path = Path is null ? null : ResolvePath(Path);
        if (!ShouldProcess(new PrivateServer(path).Path, "Start PostgreSQL server"))
        {
            return;
        }

        PrivateServer? server = null;
        Run(async (output, cancellationToken) =>
        {
            var progress = new DownloadReporter(output.Progress);
            server = new PrivateServer(path, new PrivateServerOptions
            {
                Download = Download,
                DownloadProgress = progress,
                WalLevel = WalLevel,
                Say = output.Information,
            });
            var started = await server.StartAsync(cancellationToken).ConfigureAwait(false);
            progress.Complete();
            output.Write(started);
        });
        RunspaceConnections.OfThisRunspace().Server = server;
    }
}
