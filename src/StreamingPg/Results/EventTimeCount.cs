namespace StreamingPg;

/// <summary>How many events of a table happened in an hour of the week, at a time, or how late.</summary>
public sealed record EventTimeCount
{
    /// <summary>The table.</summary>
    public required string Table { get; init; }

    /// <summary>The weekday (<c>Mon</c>), the beginning of a stretch of time (UTC), or the lateness (<c>1 to 10 s</c>).</summary>
    public required string Group { get; init; }

    /// <summary>The beginning of the stretch of time (UTC); null for weekdays and lateness.</summary>
    public DateTime? Start { get; init; }

    /// <summary>Events that happened.</summary>
    public required long Events { get; init; }

    /// <summary>Rows that were loaded in the stretch of time, by the ledger; null for weekdays and lateness.</summary>
    public long? Loaded { get; init; }

    /// <summary>Events by hour of the day (UTC), from 0 to 23, of a weekday; otherwise empty.</summary>
    public IReadOnlyList<long> Hours { get; init; } = [];
}
