namespace StreamingPg;

/// <summary>An unfinished batch that was closed: nothing more is loaded into it.</summary>
public sealed record ClosedBatch
{
    /// <summary>Id in the ledger.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>Number in the schema.</summary>
    public required long BatchNumber { get; init; }

    /// <summary>Number of chunks.</summary>
    public required int Chunks { get; init; }

    /// <summary>Number of committed chunks.</summary>
    public required int ChunksLoaded { get; init; }

    /// <summary>Committed rows per table, according to the ledger.</summary>
    public required IReadOnlyList<TableCount> Loaded { get; init; }

    /// <summary>What happened to them.</summary>
    public required ClosedRows Rows { get; init; }

    /// <summary>The rows removed from each table; empty if they are kept.</summary>
    public IReadOnlyList<RemovalResult> Removed { get; init; } = [];

    /// <summary>True if nothing was changed, only planned.</summary>
    public bool PlanOnly { get; init; }
}
