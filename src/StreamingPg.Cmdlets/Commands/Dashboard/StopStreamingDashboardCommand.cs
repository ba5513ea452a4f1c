using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Stops the live pages of this session.</summary>
[Cmdlet(VerbsLifecycle.Stop, "StreamingDashboard", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class StopStreamingDashboardCommand : StreamingCmdlet
{
    /// <summary>The live page, from Start-StreamingDashboard; all of this session without it.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public StreamingDashboard? Dashboard { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var dashboards = SessionDashboards.OfThisRunspace();
        foreach (var server in dashboards.All.Where(server => Dashboard is null || Dashboard.Link == server.Link))
        {
            if (ShouldProcess($"{server.Result.Server}, port {server.Port}", "Stop the live page"))
            {
                dashboards.Stop(server);
            }
        }
    }
}
