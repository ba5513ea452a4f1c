using System.Management.Automation;
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

    private static readonly string[] SettingsVariables =
    [
        "POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB", "POSTGRES_SCHEMA", .. LibpqVariables.All,
    ];

    private readonly List<DatabaseConnection> _opened = [];
    private DatabaseConnection? _found;
    private string? _surroundings;

    /// <summary>The connection of this runspace, or null.</summary>
    public DatabaseConnection? Current { get; private set; }

    /// <summary>The private server that was started in this runspace, or null for the one in its default folder.</summary>
    public PrivateServer? Server { get; set; }

    /// <summary>The connections of the runspace that the calling command runs in.</summary>
    public static RunspaceConnections OfThisRunspace() => ByRunspace.GetValue(Runspace.DefaultRunspace, Create);

    /// <summary>The connections that are open, in the order in which they were opened.</summary>
    public IReadOnlyList<DatabaseConnection> Opened => _opened;

    /// <summary>Makes a connection the runspace's own. The one before stays open for whoever holds its handle, or knows its name.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="name">A name for it, which another may have had before; null leaves its own.</param>
    public void Use(DatabaseConnection connection, string? name = null)
    {
        if (name is not null)
        {
            _opened.Where(opened => HasName(opened, name)).ToList().ForEach(static opened => opened.SessionName = "");
            connection.SessionName = name;
        }

        if (!_opened.Contains(connection))
        {
            _opened.Add(connection);
        }

        SetCurrent(connection);
    }

    /// <summary>The connection of a name.</summary>
    /// <exception cref="StreamingException">There is none.</exception>
    public DatabaseConnection Named(string name) => _opened.Find(opened => HasName(opened, name)) ?? throw new StreamingException(
        ErrorIds.NoSuchConnection,
        StreamingErrorKind.NotFound,
        $"This session has no connection named \"{name}\".",
        _opened.Any(static opened => opened.Name.Length > 0)
            ? $"Its connections are: {string.Join(", ", _opened.Where(static opened => opened.Name.Length > 0).Select(static opened => opened.Name))}."
            : "Make one with Connect-StreamingDatabase -Name.",
        name);

    /// <summary>Closes a connection, and forgets it.</summary>
    public void Close(StreamingConnection connection)
    {
        _opened.RemoveAll(opened => ReferenceEquals(opened, connection));
        if (ReferenceEquals(Current, connection))
        {
            SetCurrent(null);
        }

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
        SetCurrent(null);
    }

    /// <summary>Closes the connections that wait in pools, for work that needs the server to itself; the next command opens others.</summary>
    public void CloseIdle()
    {
        foreach (var connection in _opened.Append(_found).OfType<DatabaseConnection>())
        {
            connection.DataSource.Clear();
        }
    }

    /// <summary>Finds a connection in the surroundings; the one found before is returned while the settings are the same.</summary>
    public DatabaseConnection Find(ConnectionParameters parameters, string currentDirectory)
    {
        // Looking for settings means reading files and asking the operating system for a server's process: too slow for every
        // batch of a loop, and needless while nothing that it looks at has changed.
        var surroundings = parameters.HasSettings ? null : Describe(parameters, currentDirectory);
        if (_found is not null && surroundings is not null && surroundings == _surroundings)
        {
            return _found;
        }

        var found = SettingsResolver.Resolve(parameters, currentDirectory, privateServer: Server);
        _surroundings = surroundings;
        if (_found is not null && _found.HasSettingsOf(found))
        {
            found.Dispose();
            return _found;
        }

        _found?.Dispose();
        return _found = found;
    }

    private static bool HasName(DatabaseConnection connection, string name) =>
        string.Equals(connection.Name, name, StringComparison.OrdinalIgnoreCase);

    private void SetCurrent(DatabaseConnection? connection)
    {
        Current?.IsSessionDefault = false;
        Current = connection;
        Current?.IsSessionDefault = true;
    }

    private string ServerPath
    {
        get
        {
            try
            {
                return (Server ?? new PrivateServer()).Path;
            }
            catch (StreamingException)
            {
                // No folder for a private server, as in a container without a home: then there is none to be found either.
                return "";
            }
        }
    }

    /// <summary>Everything that decides which settings are found: variables, and the times of the files. Names no password.</summary>
    private string Describe(ConnectionParameters parameters, string currentDirectory)
    {
        var server = ServerPath;
        var hash = new HashCode();
        foreach (var variable in SettingsVariables)
        {
            hash.Add(Environment.GetEnvironmentVariable(variable));
        }

        return string.Join(
            '|',
            parameters.Schema,
            currentDirectory,
            hash.ToHashCode(),
            File.GetLastWriteTimeUtc(Path.Combine(currentDirectory, ".env")).Ticks,
            string.Join('|', ServiceFile.Paths.Select(static file => File.GetLastWriteTimeUtc(file).Ticks)),
            server,
            File.GetLastWriteTimeUtc(Path.Combine(server, "data", "postmaster.pid")).Ticks);
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

/// <summary>Closes the runspace's connections and dashboards when the module is removed.</summary>
public sealed class ModuleCleanup : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        try
        {
            SessionDashboards.OfThisRunspace().StopAll();
        }
        finally
        {
            RunspaceConnections.OfThisRunspace().CloseAll();
        }
    }
}
