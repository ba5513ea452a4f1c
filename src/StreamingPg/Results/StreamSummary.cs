namespace StreamingPg;

/// <summary>Summary of a stream. Every figure was measured.</summary>
public sealed record StreamSummary
{
    /// <summary>Committed batches.</summary>
    public required long Batches { get; init; }

    /// <summary>Total rows that they loaded.</summary>
    public required long Rows { get; init; }

    /// <summary>Total old rows removed by its retention.</summary>
    public long RowsRemoved { get; init; }

    /// <summary>Total rows that arrived late (-Late).</summary>
    public long LateRows { get; init; }

    /// <summary>When the stream started (UTC).</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>Time since the start.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Requested batches per second: the average over <see cref="Duration"/>, if the rate varies over the week.</summary>
    public required double TargetBatchesPerSecond { get; init; }

    /// <summary>Batches per second that are planned at this time of the week.</summary>
    public double PlannedBatchesPerSecond { get; init; }

    /// <summary>Batches per second over <see cref="Duration"/>.</summary>
    public double BatchesPerSecond => Duration > TimeSpan.Zero ? Batches / Duration.TotalSeconds : 0;

    /// <summary>Rows per second over <see cref="Duration"/>.</summary>
    public double RowsPerSecond => Duration > TimeSpan.Zero ? Rows / Duration.TotalSeconds : 0;

    /// <summary>Delay of the latest batch after its tick.</summary>
    public required TimeSpan Lag { get; init; }

    /// <summary>The longest such delay.</summary>
    public required TimeSpan MaxLag { get; init; }

    /// <summary>Missed ticks.</summary>
    public required long MissedTicks { get; init; }

    /// <summary>Attempts that were retried after a transient error.</summary>
    public required long Retries { get; init; }

    /// <summary>Estimated time to the requested end, at the rate so far; null if there is no end.</summary>
    public TimeSpan? TimeLeft { get; init; }

    /// <summary>Why it ended.</summary>
    public StreamStopReason StopReason { get; init; }

    /// <summary>Server, database and schema, without credentials.</summary>
    public required string Server { get; init; }

    private string Late => LateRows > 0 ? $", {DisplayText.Count(LateRows)} of them late" : "";

    private string Removed => RowsRemoved > 0 ? $", {DisplayText.Count(RowsRemoved)} removed" : "";

    /// <summary>The summary in one line.</summary>
    public override string ToString() =>
        $"{DisplayText.Count(Batches)} batches, {DisplayText.Count(Rows)} rows{Late}{Removed} in {DisplayText.Duration(Duration)} "
        + $"({BatchesPerSecond.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture)} of "
        + $"{TargetBatchesPerSecond.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture)} batches/s), "
        + $"retries {Retries}, missed ticks {MissedTicks}, longest lag {DisplayText.Duration(MaxLag)}; ended by: {StopReason}";
}

/// <summary>Why a stream ended.</summary>
public enum StreamStopReason
{
    /// <summary>It has not ended.</summary>
    Running,

    /// <summary>It reached the maximum number of batches.</summary>
    MaxBatches,

    /// <summary>It reached the maximum number of rows.</summary>
    MaxRows,

    /// <summary>It reached its duration or end time.</summary>
    TimeIsUp,

    /// <summary>It was told to stop: Ctrl+C, Stop-Job or a signal.</summary>
    Stopped,

    /// <summary>A batch failed permanently.</summary>
    Failed,
}
