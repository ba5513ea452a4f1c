namespace StreamingPg.Core.Ledger;

/// <summary>What a part says of itself when it writes its ledger row.</summary>
internal sealed record LedgerClaim
{
    public required Guid BatchId { get; init; }

    public int Chunk { get; init; }

    public int Chunks { get; init; } = 1;

    /// <summary>Number of the batch; null lets the ledger give the next one.</summary>
    public long? BatchNumber { get; init; }

    public string Kind { get; init; } = LedgerKind.Batch;

    public long? Seed { get; init; }

    public DateTime? ReferenceTime { get; init; }
}
