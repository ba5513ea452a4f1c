namespace StreamingPg;

/// <summary>The rows removed from one table.</summary>
public sealed record RemovalResult
{
    /// <summary>Table name without schema.</summary>
    public required string Table { get; init; }

    /// <summary>Rows dated before this time (UTC) are old; null if rows of the table are never old.</summary>
    public DateTime? Before { get; init; }

    /// <summary>Old rows found.</summary>
    public required long Examined { get; init; }

    /// <summary>Rows removed, or that would be removed if <see cref="CountedOnly"/>.</summary>
    public required long Removed { get; init; }

    /// <summary>Old rows kept because other rows refer to them, or are about to.</summary>
    public long Kept => Examined - Removed;

    /// <summary>True if the rows were only counted and none were removed.</summary>
    public bool CountedOnly { get; init; }

    /// <summary>Time spent on the table.</summary>
    public required TimeSpan Duration { get; init; }
}
