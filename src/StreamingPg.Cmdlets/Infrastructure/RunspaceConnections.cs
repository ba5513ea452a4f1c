using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Server;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>
/// The connections of one runspace: the one that Connect-StreamingDatabase made current, and the one that was found in
/// the surroundings (environment, .env, private server), kept so that its pool stays warm from one command to the next.
/// </summary>
internal sealed class RunspaceConnections
{
    private static readonly ConditionalWeakTable<Runspace, RunspaceConnections> ByRunspace = [];

    private readonly List<DatabaseConnection> _opened = [];
    private DatabaseConnection? _found;

    /// <summary>The connection of this runspace, or null.</summary>
    public DatabaseConnection? Current { get; private set; }

    /// <summary>The private server that was started in this runspace, or null for the one in its default folder.</summary>
    public PrivateServer? Server { get; set; }

    /// <summary>The connections of the runspace that the calling command runs in.</summary>
    public static RunspaceConnections OfThisRunspace() => ByRunspace.GetValue(Runspace.DefaultRunspace, Create);

    /// <summary>Makes a connection the runspace's own. The one before stays open for whoever holds its handle.</summary>
    public void Use(DatabaseConnection connection)
    {
        _opened.Add(connection);
        Current = connection;
    }

    /// <summary>Closes a connection, and forgets it.</summary>
    public void Close(StreamingConnection connection)
    {
        _opened.RemoveAll(opened => ReferenceEquals(opened, connection));
        Current = ReferenceEquals(Current, connection) ? null : Current;
        _found = ReferenceEquals(_found, connection) ? null : _found;
        connection.Dispose();
    }

    /// <summary>Closes every connection of the runspace.</summary>
    public void CloseAll()
    {
        _opened.ForEach(static connection => connection.Dispose());
        _opened.Clear();
        _found?.Dispose();
        _found = null;
        Current = null;
    }

    /// <summary>Finds a connection in the surroundings; the one found before is returned while the settings are the same.</summary>
    public DatabaseConnection Find(ConnectionParameters parameters, string currentDirectory)
    {
        var found = SettingsResolver.Resolve(parameters, currentDirectory, privateServer: Server);
        if (_found is not null && _found.HasSettingsOf(found))
        {
            found.Dispose();
            return _found;
        }

        _found?.Dispose();
        return _found = found;
    }

    private static RunspaceConnections Create(Runspace runspace)
    {
        var connections = new RunspaceConnections();
        runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken)
            {
                connections.CloseAll();
            }
        };
        return connections;
    }
}
