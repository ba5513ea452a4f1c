namespace StreamingPg.Core.Growth;

/// <summary>How growth is watched.</summary>
public sealed record WatchOptions
{
    /// <summary>Time from look to look.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Ends after so many looks; null means no such end.</summary>
    public long? Count { get; init; }

    /// <summary>Looks no later than so long after the start; null means no such end.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Counts the rows at each look, which reads the tables.</summary>
    public bool Exact { get; init; }

    /// <summary>Refuses numbers that make no sense.</summary>
    internal void Validate()
    {
        if (Interval <= TimeSpan.Zero || Duration < TimeSpan.Zero || Count < 1)
        {
            throw new StreamingException(
                "InvalidWatch",
                StreamingErrorKind.InvalidInput,
                "The interval is a positive time, the duration a time of zero or more, and the count a positive number.",
                "Give such ones: -Interval 2s -Count 10 (--interval 2s --count 10).");
        }
    }
}
