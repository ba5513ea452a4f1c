using StreamingPg.Core.Model;

namespace StreamingPg.Core.Telemetry;

/// <summary>How foreign keys are proven, and why so.</summary>
/// <param name="Check"><see cref="ForeignKeyCheck.Row"/> or <see cref="ForeignKeyCheck.Set"/>.</param>
/// <param name="Reason">A clause for a person.</param>
internal readonly record struct ForeignKeyDecision(ForeignKeyCheck Check, string Reason)
{
    // Changing session_replication_role makes the session plan all its statements anew, which takes as long as the triggers of
    // about this many rows (measured with the default model on PostgreSQL 15).
    private const long FewRows = 250;

    /// <summary>Decides by what the user asked for, how many rows there are, and what stands against checking by set.</summary>
    /// <exception cref="StreamingException">The user insists on Set, and it is not allowed or not safe.</exception>
    public static ForeignKeyDecision Make(ForeignKeyCheck requested, long rows, string? whyNotBySet) => (requested, whyNotBySet) switch
    {
        (ForeignKeyCheck.Row, _) => new(ForeignKeyCheck.Row, "asked for"),
        (ForeignKeyCheck.Set, null) => new(ForeignKeyCheck.Set, "asked for"),
        (ForeignKeyCheck.Set, _) => throw new StreamingException(
            "SetCheckNotPossible",
            StreamingErrorKind.InvalidInput,
            $"Foreign keys cannot be checked by set: {whyNotBySet}.",
            "Leave it to Auto, or use Row."),
        (_, null) when rows <= FewRows => new(ForeignKeyCheck.Row, "for few rows the triggers are as quick"),
        (_, null) => new(ForeignKeyCheck.Set, "allowed, and no trigger would be skipped"),
        _ => new(ForeignKeyCheck.Row, whyNotBySet),
    };

    /// <summary>The decision, with the tables that are checked by row all the same.</summary>
    public ForeignKeyDecision Except(IEnumerable<TableModel> byRow) =>
        Check == ForeignKeyCheck.Set && string.Join(", ", byRow.Select(table => table.Name)) is { Length: > 0 } names
            ? this with { Reason = $"{Reason}; by row: {names}" }
            : this;
}
