namespace StreamingPg;

/// <summary>Size and growth of one table.</summary>
public sealed record TableGrowth
{
    /// <summary>Table name without schema.</summary>
    public required string Table { get; init; }

    /// <summary>Number of rows.</summary>
    public required long Rows { get; init; }

    /// <summary>True when <see cref="Rows"/> is the planner's estimate and not a count.</summary>
    public required bool IsEstimate { get; init; }

    /// <summary>True when <see cref="Rows"/> counts only the rows that row-level security shows the role.</summary>
    public bool IsPartlyVisible { get; init; }

    /// <summary>Rows that the last committed batch added, by the ledger.</summary>
    public required long LastBatch { get; init; }

    /// <summary>Rows that batches added in <see cref="Period"/>, by the ledger.</summary>
    public required long InPeriod { get; init; }

    /// <summary>The period that <see cref="InPeriod"/> looks back over.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Size of the table itself on disk, in bytes.</summary>
    public required long TableBytes { get; init; }

    /// <summary>Size of its indexes on disk, in bytes.</summary>
    public required long IndexBytes { get; init; }

    /// <summary>Size of table and indexes on disk, in bytes.</summary>
    public long TotalBytes => TableBytes + IndexBytes;
}
