namespace StreamingPg;

/// <summary>What a stream of batches has done. Every figure was measured.</summary>
public sealed record StreamSummary
{
    /// <summary>Batches that were committed.</summary>
    public required long Batches { get; init; }

    /// <summary>Rows of all tables that they loaded.</summary>
    public required long Rows { get; init; }

    /// <summary>Old rows of all tables that its retention removed.</summary>
    public long RowsRemoved { get; init; }

    /// <summary>When the stream began (UTC).</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>Time since then.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Batches per second that were asked for.</summary>
    public required double TargetBatchesPerSecond { get; init; }

    /// <summary>Batches per second over <see cref="Duration"/>.</summary>
    public double BatchesPerSecond => Duration > TimeSpan.Zero ? Batches / Duration.TotalSeconds : 0;

    /// <summary>Rows per second over <see cref="Duration"/>.</summary>
    public double RowsPerSecond => Duration > TimeSpan.Zero ? Rows / Duration.TotalSeconds : 0;

    /// <summary>How long after its tick the latest batch began.</summary>
    public required TimeSpan Lag { get; init; }

    /// <summary>The longest such time.</summary>
    public required TimeSpan MaxLag { get; init; }

    /// <summary>Ticks that went by without a batch.</summary>
    public required long MissedTicks { get; init; }

    /// <summary>Attempts that failed for a passing reason and were repeated.</summary>
    public required long Retries { get; init; }

    /// <summary>Time to the end that was asked for, as far as the pace so far tells; null when it has no end.</summary>
    public TimeSpan? TimeLeft { get; init; }

    /// <summary>Why it ended.</summary>
    public StreamStopReason StopReason { get; init; }

    /// <summary>Server, database and schema, without credentials.</summary>
    public required string Server { get; init; }

    private string Removed => RowsRemoved > 0 ? $", {DisplayText.Count(RowsRemoved)} removed" : "";

    /// <summary>The summary in one line.</summary>
    public override string ToString() =>
        $"{DisplayText.Count(Batches)} batches, {DisplayText.Count(Rows)} rows{Removed} in {DisplayText.Duration(Duration)} "
        + $"({BatchesPerSecond.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture)} of "
        + $"{TargetBatchesPerSecond.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture)} batches/s), "
        + $"retries {Retries}, missed ticks {MissedTicks}, longest lag {DisplayText.Duration(MaxLag)}; ended by: {StopReason}";
}
