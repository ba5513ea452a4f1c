namespace StreamingPg.Core.Telemetry;

/// <summary>Something that happened to a batch or a stream of batches: a line of the log, and what a person is told.</summary>
internal sealed record BatchEvent
{
    /// <summary>A batch, or a part of a large one, was committed.</summary>
    public const string Committed = "batch-committed";

    /// <summary>The ledger had the batch already.</summary>
    public const string AlreadyLoaded = "batch-already-loaded";

    /// <summary>An attempt failed with a transient error and is retried.</summary>
    public const string Retry = "retry";

    /// <summary>A batch failed for good.</summary>
    public const string Failed = "batch-failed";

    /// <summary>A large batch was cancelled after some of its chunks were committed.</summary>
    public const string Cancelled = "batch-cancelled";

    /// <summary>Retention went through a table.</summary>
    public const string Removed = "rows-removed";

    /// <summary>Retention of a stream failed with a transient error and is retried later.</summary>
    public const string RetentionPutOff = "retention-put-off";

    /// <summary>Old rows of the ledger were summed up.</summary>
    public const string LedgerSummedUp = "ledger-summed-up";

    /// <summary>A stream began.</summary>
    public const string StreamStarted = "stream-started";

    /// <summary>A stream was paused from outside.</summary>
    public const string StreamPaused = "stream-paused";

    /// <summary>A paused stream goes on.</summary>
    public const string StreamResumed = "stream-resumed";

    /// <summary>Ticks of a stream went by while it was busy.</summary>
    public const string TicksMissed = "ticks-missed";

    /// <summary>Somebody changed the tables of a stream, which goes on.</summary>
    public const string TablesChanged = "tables-changed";

    /// <summary>The server refused to create partitions, which their rows do without.</summary>
    public const string PartitionsNotCreated = "partitions-not-created";

    /// <summary>A stream ended.</summary>
    public const string StreamStopped = "stream-stopped";

    /// <summary>A stream ended, and the ledger could not be told so.</summary>
    public const string EndNotRecorded = "end-not-recorded";

    /// <summary>What happened, one of the constants.</summary>
    public required string Name { get; init; }

    /// <summary>What happened, in words; no secret is in it.</summary>
    public required string Text { get; init; }

    /// <summary>When, by the clock of this machine (UTC).</summary>
    public DateTimeOffset Time { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>The batch concerned, or null.</summary>
    public Guid? BatchId { get; init; }

    /// <summary>Names and values; the values are numbers, text or durations.</summary>
    public IReadOnlyList<KeyValuePair<string, object>> Figures { get; init; } = [];

    /// <summary>The error concerned, or null.</summary>
    public StreamingException? Error { get; init; }

    /// <summary>True when a person should see it without asking.</summary>
    public bool IsWarning => Name is Retry or Cancelled or TicksMissed or RetentionPutOff or TablesChanged or EndNotRecorded or PartitionsNotCreated;

    internal static KeyValuePair<string, object> Figure(string name, object value) => new(name, value);
}
