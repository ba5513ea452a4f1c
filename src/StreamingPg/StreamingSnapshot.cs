namespace StreamingPg;

/// <summary>A copy of a database on the same server, to which it can be set back.</summary>
public sealed record StreamingSnapshot
{
    /// <summary>Name of the snapshot.</summary>
    public required string Name { get; init; }

    /// <summary>Database that it is a copy of.</summary>
    public required string Database { get; init; }

    /// <summary>Database that contains the copy.</summary>
    public required string Copy { get; init; }

    /// <summary>Time at which it was saved (UTC).</summary>
    public required DateTime SavedAt { get; init; }

    /// <summary>Size of the copy.</summary>
    public long Bytes { get; init; }

    /// <summary>Time that saving or restoring took; null if it is only listed.</summary>
    public TimeSpan? Duration { get; init; }
}
