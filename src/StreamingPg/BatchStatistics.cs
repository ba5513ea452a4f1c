namespace StreamingPg;

/// <summary>Where the time of a batch went, and which limit it hit. Times of several connections are added up.</summary>
public sealed record BatchStatistics
{
    /// <summary>What kept the batch from being faster.</summary>
    public required BatchLimit Limit { get; init; }

    /// <summary>Time that loaders waited for rows to be made.</summary>
    public required TimeSpan WaitedForRows { get; init; }

    /// <summary>Time that rows took to be handed to the server.</summary>
    public required TimeSpan Sending { get; init; }

    /// <summary>Bytes of rows that were sent; 0 for a small batch, whose rows go as parameters.</summary>
    public required long BytesSent { get; init; }

    /// <summary>Looks at the server's sessions that the figures below rest on.</summary>
    public required int Samples { get; init; }

    /// <summary>Share of the samples, 0 to 1, in which the server was at work; null without samples.</summary>
    public required double? ServerBusy { get; init; }

    /// <summary>What the server's sessions waited for most often while at work, as pg_stat_activity names it; null for the processor.</summary>
    public string? ServerWaitsFor { get; init; }

    /// <summary>What would help, a sentence.</summary>
    public string Advice => Limit switch
    {
        BatchLimit.Generator => "Rows are made on one thread for each connection: try -Parallel with more connections.",
        BatchLimit.Network => "The server waits for data: run closer to it, or try -Parallel with more connections.",
        BatchLimit.Server when ServerWaitsFor is not null =>
            $"The server takes no more; it mostly waits for {ServerWaitsFor} (see pg_stat_activity in PostgreSQL's documentation).",
        BatchLimit.Server => "The server's processor takes no more on these connections: try -Parallel where it has idle cores.",
        _ => "A larger batch tells more.",
    };

    /// <summary>The statistics in one line.</summary>
    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{Limit}: waited for rows {DisplayText.Duration(WaitedForRows)}, sending {DisplayText.Duration(Sending)}, server busy {ServerBusy:0%} of {Samples} samples. {Advice}");
}
