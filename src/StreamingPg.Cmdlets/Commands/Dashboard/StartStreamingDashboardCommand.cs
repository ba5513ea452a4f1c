using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Dashboard;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Serves a live page for the browsers of this machine, until the session ends.</summary>
[Cmdlet(VerbsLifecycle.Start, "StreamingDashboard", DefaultParameterSetName = ByConnection, SupportsShouldProcess = true)]
[OutputType(typeof(StreamingDashboard))]
public sealed class StartStreamingDashboardCommand : ModelCmdlet
{
    /// <summary>The port of the page.</summary>
    [Parameter]
    [ValidateRange(ConnectionParameters.MinPort, ConnectionParameters.MaxPort)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public int? ListenPort { get; set; }

    /// <summary>Time between refreshes.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Interval { get; set; } = DashboardOptions.DefaultInterval;

    /// <summary>Opens the page in the browser.</summary>
    [Parameter]
    public SwitchParameter Open { get; set; }

    /// <summary>Lets the page pause, resume and stop the streams of this session.</summary>
    [Parameter]
    public SwitchParameter AllowControl { get; set; }

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Report];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var model = ReadModel();
        var connection = ResolveConnection();
        if (!ShouldProcess($"{connection}", "Serve a live page"))
        {
            return;
        }

        var options = new DashboardOptions { Port = ListenPort, Interval = Interval, AllowControl = AllowControl };
        var server = Await(stopping => DashboardServer.StartAsync(connection.Copy(), model, options, stopping));
        SessionDashboards.OfThisRunspace().Add(server);
        WriteObject(server.Result);
        if (Open && server.Open() is { } problem)
        {
            WriteWarning($"No program could open the page: {problem}");
        }
    }
}
