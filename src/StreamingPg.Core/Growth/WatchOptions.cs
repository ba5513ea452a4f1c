namespace StreamingPg.Core.Growth;

/// <summary>How growth is watched.</summary>
internal sealed record WatchOptions
{
    // Longer ones do not fit the system's timers.
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(24);

    /// <summary>Time between refreshes.</summary>
    public TimeSpan Interval { get; init; } = DefaultInterval;

    /// <summary>Time between refreshes if no other is given.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(2);

    /// <summary>Stop after this many refreshes; null means no limit.</summary>
    public long? Count { get; init; }

    /// <summary>Stop after this long; null means no limit.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Count the rows at each refresh, which reads the tables.</summary>
    public bool Exact { get; init; }

    /// <summary>Rejects numbers that make no sense.</summary>
    internal void Validate()
    {
        if (Interval <= TimeSpan.Zero || Interval > LongestInterval || Duration < TimeSpan.Zero || Count < 1)
        {
            throw new StreamingException(
                ErrorIds.InvalidWatch,
                StreamingErrorKind.InvalidInput,
                "The interval must be greater than zero and at most 24 days, the duration zero or more, and the count 1 or more.",
                "For example: -Interval 2s -Count 10 (--interval 2s --count 10).");
        }
    }
}
