namespace StreamingPg;

/// <summary>What a committed batch did. Every figure was measured or read from the database.</summary>
public sealed record BatchResult
{
    /// <summary>Key of the batch in the ledger.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>Number of the batch, rising within the schema; a number whose batch failed is not used again.</summary>
    public required long BatchNumber { get; init; }

    /// <summary>Rows per table as the server confirmed them, in loading order.</summary>
    public required IReadOnlyList<TableCount> Tables { get; init; }

    /// <summary>Rows of all tables together.</summary>
    public long TotalRows => Tables.Sum(table => table.Rows);

    /// <summary>Time from the start of the batch to its commit; zero when it was already loaded.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Rows of parts that the ledger had already: of another call, before the batch stopped midway.</summary>
    public long RowsLoadedBefore { get; init; }

    /// <summary>Rows per second over <see cref="Duration"/>, without those that were loaded before.</summary>
    public double RowsPerSecond => Duration > TimeSpan.Zero ? (TotalRows - RowsLoadedBefore) / Duration.TotalSeconds : 0;

    /// <summary>Processor time of making rows; it overlaps with <see cref="LoadTime"/> in a large batch.</summary>
    public required TimeSpan GenerateTime { get; init; }

    /// <summary>Time of sending rows and waiting for the server to take them.</summary>
    public required TimeSpan LoadTime { get; init; }

    /// <summary>Time of the queries that prove the new rows.</summary>
    public required TimeSpan VerifyTime { get; init; }

    /// <summary>Time of the commit.</summary>
    public required TimeSpan CommitTime { get; init; }

    /// <summary>How foreign keys were proven: <see cref="ForeignKeyCheck.Row"/> or <see cref="ForeignKeyCheck.Set"/>.</summary>
    public required ForeignKeyCheck ForeignKeyCheck { get; init; }

    /// <summary>Why this way of proving foreign keys was taken.</summary>
    public required string ForeignKeyCheckReason { get; init; }

    /// <summary>The seed: with the same batch number, reference time and existing rows it gives the same rows again.</summary>
    public required long Seed { get; init; }

    /// <summary>No generated time is after this one (UTC).</summary>
    public required DateTime ReferenceTime { get; init; }

    /// <summary>Number of transactions the batch was cut into.</summary>
    public int Chunks { get; init; } = 1;

    /// <summary>Connections that loaded at the same time.</summary>
    public int Connections { get; init; } = 1;

    /// <summary>Attempts that failed for a passing reason and were repeated.</summary>
    public int Retries { get; init; }

    /// <summary>True when the ledger already had this batch and nothing was loaded now.</summary>
    public bool AlreadyLoaded { get; init; }

    /// <summary>Commit time by the server's clock (UTC).</summary>
    public DateTime? CommittedAt { get; init; }

    /// <summary>Server, database and schema, without credentials.</summary>
    public required string Server { get; init; }

    /// <summary>Where the time went and which limit was hit; null unless asked for.</summary>
    public BatchStatistics? Statistics { get; init; }
}
