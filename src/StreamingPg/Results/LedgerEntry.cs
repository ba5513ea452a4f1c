namespace StreamingPg;

/// <summary>A batch or an import in the ledger.</summary>
public sealed record LedgerEntry
{
    /// <summary>Id in the ledger.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>Number in the schema.</summary>
    public required long BatchNumber { get; init; }

    /// <summary><c>batch</c> or <c>import</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Whether all of it is committed.</summary>
    public required LedgerStatus Status { get; init; }

    /// <summary>Number of chunks.</summary>
    public required int Chunks { get; init; }

    /// <summary>Number of committed chunks.</summary>
    public required int ChunksLoaded { get; init; }

    /// <summary>Rows added per table.</summary>
    public required IReadOnlyList<TableCount> Tables { get; init; }

    /// <summary>Rows per table whose values an import replaced; they are not among <see cref="Tables"/>.</summary>
    public IReadOnlyList<TableCount> Updated { get; init; } = [];

    /// <summary>Total rows added to all tables.</summary>
    public long TotalRows => Tables.Sum(table => table.Rows);

    /// <summary>The chunks that an incomplete batch lacks, counted from 1.</summary>
    public IReadOnlyList<int> MissingChunks { get; init; } = [];

    /// <summary>The rows per table that an incomplete batch lacks.</summary>
    public IReadOnlyList<TableCount> MissingRows { get; init; } = [];

    /// <summary>The seed; null for an import.</summary>
    public long? Seed { get; init; }

    /// <summary>Attempts that failed before the committed ones.</summary>
    public required long Retries { get; init; }

    /// <summary>Machine and process that loaded it.</summary>
    public string? Writer { get; init; }

    /// <summary>When its first transaction started, by the server's clock (UTC).</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>When its last transaction was committed, by the server's clock (UTC).</summary>
    public required DateTime CommittedAt { get; init; }
}

/// <summary>Whether all of a batch is in the ledger.</summary>
public enum LedgerStatus
{
    /// <summary>All chunks are committed.</summary>
    Complete,

    /// <summary>Some chunks are committed: the batch stopped midway, or is being loaded.</summary>
    Incomplete,

    /// <summary>Some chunks are committed, and the batch was closed: the others are never loaded.</summary>
    Closed,
}
