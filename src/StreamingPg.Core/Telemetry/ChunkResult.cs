using StreamingPg.Core.Generation.Tables;

namespace StreamingPg.Core.Telemetry;

/// <summary>What one part of a batch did.</summary>
/// <param name="Plan">The plan it followed.</param>
/// <param name="Rows">Rows per table as the server confirmed them.</param>
/// <param name="Check">How foreign keys were proven, and why so.</param>
/// <param name="Figures">Where its time went.</param>
/// <param name="CommittedAt">When it was committed, by the server's clock.</param>
/// <param name="AlreadyLoaded">True when its ledger row was there before.</param>
/// <param name="IsWholeBatch">True when its transaction loaded all other chunks too.</param>
internal sealed record ChunkResult(
    BatchPlan Plan,
    IReadOnlyDictionary<string, long> Rows,
    ForeignKeyDecision Check,
    ChunkFigures Figures,
    DateTime CommittedAt,
    bool AlreadyLoaded,
    bool IsWholeBatch = false);
