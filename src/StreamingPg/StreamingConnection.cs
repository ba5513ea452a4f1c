namespace StreamingPg;

/// <summary>
/// A handle to a database, without credentials. Its connections are pooled and opened on demand.
/// Dispose it or use Disconnect-StreamingDatabase to close them.
/// </summary>
public abstract class StreamingConnection : IAsyncDisposable, IDisposable
{
    /// <summary>Name within this session, or empty if it has none.</summary>
    public abstract string Name { get; }

    /// <summary>True for the connection that this session's commands use.</summary>
    public abstract bool IsDefault { get; }

    /// <summary>Host name, IP address or socket folder; several are separated by commas.</summary>
    public abstract string HostName { get; }

    /// <summary>Port.</summary>
    public abstract int Port { get; }

    /// <summary>Database name.</summary>
    public abstract string Database { get; }

    /// <summary>Role, or empty if PostgreSQL's defaults apply.</summary>
    public abstract string UserName { get; }

    /// <summary>Schema of the tables.</summary>
    public abstract string Schema { get; }

    /// <summary>Where the settings came from.</summary>
    public abstract ConnectionSource Source { get; }

    /// <summary>Server, database and schema in one line, without credentials.</summary>
    public override string ToString() => Database.Length > 0 ? $"{HostName}:{Port}/{Database} schema {Schema}" : $"{HostName}:{Port} schema {Schema}";

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

/// <summary>Where the settings of a connection came from.</summary>
public enum ConnectionSource
{
    /// <summary>Parameters of a command.</summary>
    Parameter,

    /// <summary>The connection of this session (Connect-StreamingDatabase).</summary>
    Session,

    /// <summary>The POSTGRES_* or PG* environment variables.</summary>
    Environment,

    /// <summary>A .env file in the current folder.</summary>
    DotEnv,

    /// <summary>The private server that is running.</summary>
    PrivateServer,
}
