namespace StreamingPg;

/// <summary>What the ledger has of one hour or day.</summary>
public sealed record LedgerSummary
{
    /// <summary>Beginning of the hour or day (UTC).</summary>
    public required DateTime Start { get; init; }

    /// <summary>How much of the hour or day is looked at: less than all of it where it goes on, or where a filter cuts it.</summary>
    public required TimeSpan Length { get; init; }

    /// <summary>Batches and imports whose last committed transaction lies in it.</summary>
    public required long Batches { get; init; }

    /// <summary>Those of them that miss a part: they failed midway, or are being loaded.</summary>
    public required long Incomplete { get; init; }

    /// <summary>Attempts that failed and were repeated.</summary>
    public required long Retries { get; init; }

    /// <summary>Rows of all tables together.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows per second over <see cref="Length"/>.</summary>
    public double RowsPerSecond => Length > TimeSpan.Zero ? Rows / Length.TotalSeconds : 0;

    /// <summary>Half of the batches took so long or less, from the start of their first transaction to their last commit.</summary>
    public required TimeSpan P50Latency { get; init; }

    /// <summary>95 of 100 batches took so long or less.</summary>
    public required TimeSpan P95Latency { get; init; }

    /// <summary>99 of 100 batches took so long or less.</summary>
    public required TimeSpan P99Latency { get; init; }
}
