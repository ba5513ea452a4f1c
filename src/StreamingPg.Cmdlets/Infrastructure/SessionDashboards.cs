using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using StreamingPg.Core.Dashboard;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>The live pages that one runspace serves; they end with it.</summary>
internal sealed class SessionDashboards
{
    private static readonly ConditionalWeakTable<Runspace, SessionDashboards> ByRunspace = [];

    private readonly List<DashboardServer> _servers = [];

    /// <summary>The live pages of the runspace that the calling command runs in.</summary>
    public static SessionDashboards OfThisRunspace() => ByRunspace.GetValue(Runspace.DefaultRunspace, Create);

    /// <summary>The live pages, oldest first.</summary>
    public IReadOnlyList<DashboardServer> All => [.. _servers];

    /// <summary>A live page was started.</summary>
    public void Add(DashboardServer server) => _servers.Add(server);

    /// <summary>Stops a live page.</summary>
    public void Stop(DashboardServer server)
    {
        _servers.Remove(server);
        server.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Stops all of them, also when stopping one fails.</summary>
    public void StopAll()
    {
        if (_servers is [var first, ..])
        {
            try
            {
                Stop(first);
            }
            finally
            {
                StopAll();
            }
        }
    }

    private static SessionDashboards Create(Runspace runspace)
    {
        var dashboards = new SessionDashboards();
        runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken)
            {
                dashboards.StopAll();
            }
        };
        return dashboards;
    }
}
