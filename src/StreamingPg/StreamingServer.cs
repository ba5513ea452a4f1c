namespace StreamingPg;

/// <summary>The private PostgreSQL server.</summary>
public sealed record StreamingServer
{
    /// <summary>State of the server.</summary>
    public required ServerState State { get; init; }

    /// <summary>Folder of the cluster and its settings.</summary>
    public required string Path { get; init; }

    /// <summary>Version of the server's programs.</summary>
    public string? Version { get; init; }

    /// <summary>Loopback address it listens on.</summary>
    public string HostName { get; init; } = "127.0.0.1";

    /// <summary>Loopback port, or null if it is not running.</summary>
    public int? Port { get; init; }

    /// <summary>Folder of its local socket, or null if there is none.</summary>
    public string? SocketDirectory { get; init; }

    /// <summary>Process id of the server, or null if it is not running.</summary>
    public int? ProcessId { get; init; }

    /// <summary>Database created with it.</summary>
    public string Database { get; init; } = "streaming_db";

    /// <summary>Role that owns the database; its password is in a file that only the owner can read.</summary>
    public string UserName { get; init; } = "streaming";

    /// <summary>File with the password, in the format of PostgreSQL's password file; null if there is no server.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>The command that opens psql on the database; it names the password file. Null if the server is not running.</summary>
    public string? Psql => Port is null ? null : $"psql \"host={HostName} port={Port} dbname={Database} user={UserName} passfile='{PasswordFile?.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'\"";

    /// <summary>The URI of the database for libpq, which names the password file. Null if the server is not running.</summary>
    public string? Uri => Port is null ? null : $"postgresql://{UserName}@{HostName}:{Port}/{Database}?passfile={System.Uri.EscapeDataString(PasswordFile ?? "")}";

    /// <summary>The URL of the database for JDBC; the driver reads the password file that PGPASSFILE names. Null if the server is not running.</summary>
    public string? Jdbc => Port is null ? null : $"jdbc:postgresql://{HostName}:{Port}/{Database}?user={UserName}";

    /// <summary>The server's log file.</summary>
    public string? LogFile { get; init; }
}

/// <summary>State of the private server.</summary>
public enum ServerState
{
    /// <summary>There is no cluster yet.</summary>
    NotCreated,

    /// <summary>The cluster exists, but the server is not running.</summary>
    Stopped,

    /// <summary>The server is running and answers.</summary>
    Running,
}
