namespace StreamingPg;

/// <summary>The result of a committed batch. Every figure was measured or read from the database.</summary>
public sealed record BatchResult
{
    /// <summary>Id of the batch in the ledger.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>Number of the batch, ascending within the schema; the number of a failed batch is not reused.</summary>
    public required long BatchNumber { get; init; }

    /// <summary>Rows per table, as confirmed by the server, in loading order.</summary>
    public required IReadOnlyList<TableCount> Tables { get; init; }

    /// <summary>Total rows of all tables.</summary>
    public long TotalRows => Tables.Sum(table => table.Rows);

    /// <summary>Time from the start of the batch to its commit; zero if it was already loaded.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Rows of chunks that were already in the ledger, loaded by an earlier call before the batch stopped midway.</summary>
    public long RowsLoadedBefore { get; init; }

    /// <summary>Rows per second over <see cref="Duration"/>, without rows loaded earlier.</summary>
    public double RowsPerSecond => Duration > TimeSpan.Zero ? (TotalRows - RowsLoadedBefore) / Duration.TotalSeconds : 0;

    /// <summary>Processor time spent generating rows; it overlaps with <see cref="LoadTime"/> in a large batch.</summary>
    public required TimeSpan GenerateTime { get; init; }

    /// <summary>Time spent sending rows and waiting for the server; like the other times of a part, added up over all connections.</summary>
    public required TimeSpan LoadTime { get; init; }

    /// <summary>Time of the queries that verify the new rows.</summary>
    public required TimeSpan VerifyTime { get; init; }

    /// <summary>Time of the commit.</summary>
    public required TimeSpan CommitTime { get; init; }

    /// <summary>How foreign keys were verified: <see cref="ForeignKeyCheck.Row"/> or <see cref="ForeignKeyCheck.Set"/>.</summary>
    public required ForeignKeyCheck ForeignKeyCheck { get; init; }

    /// <summary>Why this foreign key check was used.</summary>
    public required string ForeignKeyCheckReason { get; init; }

    /// <summary>The seed: it gives the same rows again with the same batch number, reference time and existing rows.</summary>
    public required long Seed { get; init; }

    /// <summary>Latest time that a generated value may have (UTC).</summary>
    public required DateTime ReferenceTime { get; init; }

    /// <summary>Number of chunks; each is a transaction.</summary>
    public int Chunks { get; init; } = 1;

    /// <summary>Number of parallel connections.</summary>
    public int Connections { get; init; } = 1;

    /// <summary>Rows that arrived late (-Late): their event time lies before the stretch of time of the batch.</summary>
    public long LateRows { get; init; }

    /// <summary>Attempts that were retried after a transient error.</summary>
    public int Retries { get; init; }

    /// <summary>True if the batch was already in the ledger and nothing was loaded.</summary>
    public bool AlreadyLoaded { get; init; }

    /// <summary>Commit time by the server's clock (UTC).</summary>
    public DateTime? CommittedAt { get; init; }

    /// <summary>Server, database and schema, without credentials.</summary>
    public required string Server { get; init; }

    /// <summary>Where the time went, and the bottleneck; null unless requested.</summary>
    public BatchStatistics? Statistics { get; init; }
}
