namespace StreamingPg;

/// <summary>The result of a connection test.</summary>
public sealed record ConnectionTest
{
    /// <summary>True if the server answered and nothing is missing.</summary>
    public required bool Success { get; init; }

    /// <summary>Host, port, database and schema, without credentials.</summary>
    public required string Server { get; init; }

    /// <summary>Where the settings came from; null if there were none.</summary>
    public ConnectionSource? Source { get; init; }

    /// <summary>Server version, or null if the server did not answer.</summary>
    public string? ServerVersion { get; init; }

    /// <summary>Role of the session.</summary>
    public string? UserName { get; init; }

    /// <summary>Time of one round trip on an open connection.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>TLS version in use, <c>none</c>, or null if the server did not answer.</summary>
    public string? Tls { get; init; }

    /// <summary>True if the schema exists.</summary>
    public bool SchemaExists { get; init; }

    /// <summary>True if the role may create tables in the schema (or create the schema).</summary>
    public bool CanCreate { get; init; }

    /// <summary>True if the role may load batches into the tables of the model.</summary>
    public bool CanLoad { get; init; }

    /// <summary>True if foreign keys can be verified by set, which is faster.</summary>
    public bool CanCheckBySet { get; init; }

    /// <summary>What row-level security means for the role: one sentence per affected table.</summary>
    public IReadOnlyList<string> RowSecurity { get; init; } = [];

    /// <summary>What the role was tested for.</summary>
    public IReadOnlyList<ConnectionPurpose> For { get; init; } = [];

    /// <summary>What is missing: one sentence each, with its fix.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>What only some options need: one sentence each, with its fix.</summary>
    public IReadOnlyList<string> Optional { get; init; } = [];
}
