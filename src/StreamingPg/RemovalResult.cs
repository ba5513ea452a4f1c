namespace StreamingPg;

/// <summary>What retention did to one table.</summary>
public sealed record RemovalResult
{
    /// <summary>Table name without schema.</summary>
    public required string Table { get; init; }

    /// <summary>Rows whose time is before this one (UTC) are old; null when no row of the table ever is.</summary>
    public DateTime? Before { get; init; }

    /// <summary>Old rows that were looked at.</summary>
    public required long Examined { get; init; }

    /// <summary>Rows that were removed, or would be when <see cref="CountedOnly"/>.</summary>
    public required long Removed { get; init; }

    /// <summary>Old rows that stay because other rows refer to them, or are about to.</summary>
    public long Kept => Examined - Removed;

    /// <summary>True when nothing was removed: the rows were only counted.</summary>
    public bool CountedOnly { get; init; }

    /// <summary>Time that the table took.</summary>
    public required TimeSpan Duration { get; init; }
}
