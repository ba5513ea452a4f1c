namespace StreamingPg;

/// <summary>What a test of a connection found.</summary>
public sealed record ConnectionTest
{
    /// <summary>True when the server answered and nothing needed is missing.</summary>
    public required bool Success { get; init; }

    /// <summary>Host, port, database and schema, without credentials.</summary>
    public required string Server { get; init; }

    /// <summary>Where the settings came from; null when there were none.</summary>
    public ConnectionSource? Source { get; init; }

    /// <summary>Version of the server, or null when it did not answer.</summary>
    public string? ServerVersion { get; init; }

    /// <summary>Role the session runs as.</summary>
    public string? UserName { get; init; }

    /// <summary>Time of one round trip on an open connection.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>TLS version in use, <c>none</c>, or null when the server did not answer.</summary>
    public string? Tls { get; init; }

    /// <summary>True when the schema is there.</summary>
    public bool SchemaExists { get; init; }

    /// <summary>True when the role may create tables in the schema (or create the schema).</summary>
    public bool CanCreate { get; init; }

    /// <summary>True when the role may insert into every table of the model.</summary>
    public bool CanLoad { get; init; }

    /// <summary>True when foreign keys can be proven by set, which is faster.</summary>
    public bool CanCheckBySet { get; init; }

    /// <summary>What row-level security means for the role, a sentence per table that it holds for.</summary>
    public IReadOnlyList<string> RowSecurity { get; init; } = [];

    /// <summary>What is missing, each a sentence with its remedy.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];
}
