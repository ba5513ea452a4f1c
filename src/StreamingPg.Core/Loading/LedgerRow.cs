namespace StreamingPg.Core.Loading;

/// <summary>The ledger's row of a part that is committed.</summary>
internal sealed record LedgerRow(
    int Parts,
    long BatchNumber,
    long Seed,
    DateTime ReferenceTime,
    IReadOnlyDictionary<string, long> Rows,
    ForeignKeyCheck Check,
    DateTime CommittedAt);
