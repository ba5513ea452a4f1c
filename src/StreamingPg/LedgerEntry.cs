namespace StreamingPg;

/// <summary>A batch or an import as the ledger lists it.</summary>
public sealed record LedgerEntry
{
    /// <summary>Key in the ledger.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>Number in the schema.</summary>
    public required long BatchNumber { get; init; }

    /// <summary><c>batch</c> or <c>import</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>How much of it is there.</summary>
    public required LedgerStatus Status { get; init; }

    /// <summary>Transactions it was cut into.</summary>
    public required int Chunks { get; init; }

    /// <summary>Transactions that are committed.</summary>
    public required int ChunksLoaded { get; init; }

    /// <summary>Rows per table that are committed.</summary>
    public required IReadOnlyList<TableCount> Tables { get; init; }

    /// <summary>Rows of all tables together.</summary>
    public long TotalRows => Tables.Sum(table => table.Rows);

    /// <summary>The seed; null for an import.</summary>
    public long? Seed { get; init; }

    /// <summary>Attempts that failed before the committed ones.</summary>
    public required long Retries { get; init; }

    /// <summary>Machine and process that loaded it.</summary>
    public string? Writer { get; init; }

    /// <summary>When its first transaction began, by the server's clock (UTC).</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>When its last transaction was committed, by the server's clock (UTC).</summary>
    public required DateTime CommittedAt { get; init; }
}
