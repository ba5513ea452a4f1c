namespace StreamingPg;

/// <summary>Where the time of a batch went, and its bottleneck. Times of several connections are added up.</summary>
public sealed record BatchStatistics
{
    /// <summary>The bottleneck of the batch.</summary>
    public required BatchLimit Limit { get; init; }

    /// <summary>Time that loaders waited for rows to be generated.</summary>
    public required TimeSpan WaitedForRows { get; init; }

    /// <summary>Time spent sending rows to the server.</summary>
    public required TimeSpan Sending { get; init; }

    /// <summary>Bytes of row data sent; 0 for a small batch, whose rows are sent as parameters.</summary>
    public required long BytesSent { get; init; }

    /// <summary>Number of samples of the server's sessions that the figures below are based on.</summary>
    public required int Samples { get; init; }

    /// <summary>Share of the samples, 0 to 1, in which the server was busy; null without samples.</summary>
    public required double? ServerBusy { get; init; }

    /// <summary>The most frequent wait event of the busy server sessions, as in pg_stat_activity; null for the processor.</summary>
    public string? ServerWaitsFor { get; init; }

    /// <summary>Advice: one sentence.</summary>
    public string Advice => Limit switch
    {
        BatchLimit.Generator => "Row generation is the bottleneck, on one thread per connection: try -Parallel with more connections.",
        BatchLimit.Network => "The server waits for data: run closer to it, or try -Parallel with more connections.",
        BatchLimit.Server when ServerWaitsFor is not null =>
            $"The server is the bottleneck; it mostly waits for {ServerWaitsFor} (see pg_stat_activity in PostgreSQL's documentation).",
        BatchLimit.Server => "The server's processor is the bottleneck on these connections: try -Parallel if it has idle cores.",
        _ => "Measure a larger batch.",
    };

    /// <summary>The statistics in one line.</summary>
    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{Limit}: waited for rows {DisplayText.Duration(WaitedForRows)}, sending {DisplayText.Duration(Sending)}, server busy {ServerBusy:0%} of {Samples} samples. {Advice}");
}

/// <summary>The bottleneck of a batch.</summary>
public enum BatchLimit
{
    /// <summary>The batch ended before anything could be measured.</summary>
    TooShortToTell,

    /// <summary>The loader mostly waited for rows to be generated.</summary>
    Generator,

    /// <summary>The server mostly waited for rows to arrive, although they were ready.</summary>
    Network,

    /// <summary>The server was busy most of the time.</summary>
    Server,
}
