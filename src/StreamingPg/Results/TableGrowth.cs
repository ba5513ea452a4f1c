namespace StreamingPg;

/// <summary>Size and growth of one table.</summary>
public sealed record TableGrowth
{
    /// <summary>Table name without schema.</summary>
    public required string Table { get; init; }

    /// <summary>Number of rows.</summary>
    public required long Rows { get; init; }

    /// <summary>True if <see cref="Rows"/> is an estimate, not a count.</summary>
    public required bool IsEstimate { get; init; }

    /// <summary>True if <see cref="Rows"/> counts only the rows that row-level security lets the role see.</summary>
    public bool IsPartlyVisible { get; init; }

    /// <summary>Rows added by the last committed batch, according to the ledger.</summary>
    public required long LastBatch { get; init; }

    /// <summary>Rows added by batches in <see cref="Period"/>, according to the ledger.</summary>
    public required long InPeriod { get; init; }

    /// <summary>Rows updated by imports in <see cref="Period"/>, according to the ledger; they are not among <see cref="InPeriod"/>.</summary>
    public long UpdatedInPeriod { get; init; }

    /// <summary>The period of <see cref="InPeriod"/>.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Size of the table itself on disk, in bytes.</summary>
    public required long TableBytes { get; init; }

    /// <summary>Size of its indexes on disk, in bytes.</summary>
    public required long IndexBytes { get; init; }

    /// <summary>Size of the table and its indexes on disk, in bytes.</summary>
    public long TotalBytes => TableBytes + IndexBytes;
}
