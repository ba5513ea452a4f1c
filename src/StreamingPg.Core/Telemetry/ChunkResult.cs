using StreamingPg.Core.Generation.Tables;

namespace StreamingPg.Core.Telemetry;

/// <summary>What one part of a batch did.</summary>
/// <param name="Plan">The plan it followed.</param>
/// <param name="Rows">Rows per table as the server confirmed them.</param>
/// <param name="Check">How foreign keys were verified, and why.</param>
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

/// <summary>Where the time of a chunk went.</summary>
internal readonly record struct ChunkFigures
{
    /// <summary>Making rows.</summary>
    public TimeSpan Generate { get; init; }

    /// <summary>Sending rows and waiting for the server, waiting for rows to be made included.</summary>
    public TimeSpan Load { get; init; }

    /// <summary>Waiting for rows to be made.</summary>
    public TimeSpan WaitForRows { get; init; }

    /// <summary>Verifying the new rows.</summary>
    public TimeSpan Verify { get; init; }

    /// <summary>The commit.</summary>
    public TimeSpan Commit { get; init; }

    /// <summary>Bytes of rows that were sent by COPY.</summary>
    public long Bytes { get; init; }

    /// <summary>Rows that arrived late.</summary>
    public long LateRows { get; init; }

    public static ChunkFigures operator +(ChunkFigures one, ChunkFigures other) => new()
    {
        Generate = one.Generate + other.Generate,
        Load = one.Load + other.Load,
        WaitForRows = one.WaitForRows + other.WaitForRows,
        Verify = one.Verify + other.Verify,
        Commit = one.Commit + other.Commit,
        Bytes = one.Bytes + other.Bytes,
        LateRows = one.LateRows + other.LateRows,
    };
}

/// <summary>How foreign keys are verified, and why.</summary>
/// <param name="Check"><see cref="ForeignKeyCheck.Row"/> or <see cref="ForeignKeyCheck.Set"/>.</param>
/// <param name="Reason">A clause for a person.</param>
internal readonly record struct ForeignKeyDecision(ForeignKeyCheck Check, string Reason)
{
    // Changing session_replication_role makes the session plan all its statements again, which takes as long as the triggers of
    // about this many rows (measured with the default model on PostgreSQL 15).
    private const long FewRows = 250;

    private const string Allowed = "allowed, and no trigger would be skipped";

    /// <summary>Decides by what the user asked for, how many rows there are, and what stands against checking by set.</summary>
    /// <exception cref="StreamingException">The user insists on Set, and it is not allowed or not safe.</exception>
    public static ForeignKeyDecision Make(ForeignKeyCheck requested, long rows, string? whyNotBySet) => (requested, whyNotBySet) switch
    {
        (ForeignKeyCheck.Row, _) => new(ForeignKeyCheck.Row, "requested"),
        (ForeignKeyCheck.Set, null) => new(ForeignKeyCheck.Set, "requested"),
        (ForeignKeyCheck.Set, _) => throw new StreamingException(
            ErrorIds.SetCheckNotPossible,
            StreamingErrorKind.InvalidInput,
            $"Foreign keys cannot be verified by set: {whyNotBySet}.",
            "Use Auto or Row."),
        (_, null) when rows <= FewRows => new(ForeignKeyCheck.Row, "for few rows, triggers are as fast"),
        (_, null) => new(ForeignKeyCheck.Set, Allowed),
        _ => new(ForeignKeyCheck.Row, whyNotBySet),
    };

    /// <summary>The decision, with the tables that are checked by row all the same.</summary>
    /// <param name="byRow">The tables, and why, a clause each.</param>
    public ForeignKeyDecision Except(IReadOnlyDictionary<string, string> byRow) => Check == ForeignKeyCheck.Set && byRow.Count > 0
        ? this with { Reason = $"{(Reason == Allowed ? "allowed" : Reason)}; by row: {string.Join(", ", byRow.Select(table => $"{table.Key} ({table.Value})"))}" }
        : this;
}
