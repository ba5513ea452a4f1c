namespace StreamingPg.Core.Ledger;

/// <summary>The ledger's row of a part that is committed.</summary>
internal sealed record LedgerRow(
    int Chunk,
    int Chunks,
    long BatchNumber,
    long Seed,
    DateTime ReferenceTime,
    string? Plan,
    IReadOnlyDictionary<string, long> Rows,
    ForeignKeyCheck Check,
    DateTime CommittedAt);
