namespace StreamingPg;

/// <summary>The batches of one hour or day in the ledger.</summary>
public sealed record LedgerSummary
{
    /// <summary>Start of the hour or day (UTC).</summary>
    public required DateTime Start { get; init; }

    /// <summary>Length of the covered period: less than the whole hour or day if it is not over yet, or if a filter limits it.</summary>
    public required TimeSpan Length { get; init; }

    /// <summary>Batches and imports whose last transaction was committed in it.</summary>
    public required long Batches { get; init; }

    /// <summary>Those of them that lack a chunk: they failed midway, or are being loaded.</summary>
    public required long Incomplete { get; init; }

    /// <summary>Attempts that failed and were retried.</summary>
    public required long Retries { get; init; }

    /// <summary>Total rows of all tables.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows per second over <see cref="Length"/>.</summary>
    public double RowsPerSecond => Length > TimeSpan.Zero ? Rows / Length.TotalSeconds : 0;

    /// <summary>Median time from the start of the first transaction to the last commit of a batch.</summary>
    public required TimeSpan P50Latency { get; init; }

    /// <summary>95th percentile of that time.</summary>
    public required TimeSpan P95Latency { get; init; }

    /// <summary>99th percentile of that time.</summary>
    public required TimeSpan P99Latency { get; init; }
}

/// <summary>The period of one row in a ledger summary.</summary>
public enum LedgerPeriod
{
    /// <summary>An hour.</summary>
    Hour,

    /// <summary>A day in UTC.</summary>
    Day,
}
