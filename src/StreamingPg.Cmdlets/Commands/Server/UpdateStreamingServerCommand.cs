using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Server;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Moves the private server to a newer major version of PostgreSQL.</summary>
[Cmdlet(VerbsData.Update, "StreamingServer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ServerUpgrade))]
public sealed class UpdateStreamingServerCommand : ServerCmdlet
{
    /// <summary>Downloads the programs of the old version if they are missing.</summary>
    [Parameter]
    public SwitchParameter Download { get; set; }

    /// <summary>Keeps the old data after the new server answered.</summary>
    [Parameter]
    public SwitchParameter KeepOldData { get; set; }

    /// <summary>Ends open sessions.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var path = FindServer().Path;
        RunspaceConnections.OfThisRunspace().CloseIdle();
        var plan = Await(stopping => ServerUpgrader.Of(path, new PrivateServerOptions { Download = Download }, new ServerUpgradeOptions()).PlanAsync(stopping));
        var text = ServerUpgradeText.Plan(plan);
        if (!ShouldProcess(text, $"{text}?", "Update-StreamingServer"))
        {
            return;
        }

        Run(async (output, cancellationToken) =>
        {
            var progress = new DownloadReporter(output.Progress);
            var server = new PrivateServerOptions { Download = Download, DownloadProgress = progress, Say = output.Information };
            var options = new ServerUpgradeOptions { Force = Force, KeepOldData = KeepOldData, Step = step => output.Progress(new ProgressRecord(0, "Upgrading the server", step)) };
            var result = await ServerUpgrader.Of(path, server, options).UpgradeAsync(cancellationToken).ConfigureAwait(false);
            progress.Complete();
            output.Progress(new ProgressRecord(0, "Upgrading the server", "Done") { RecordType = ProgressRecordType.Completed });
            output.Write(result);
        });
    }
}
