namespace StreamingPg.Core.Loading;

/// <summary>How foreign keys are proven, and why so.</summary>
/// <param name="Check"><see cref="ForeignKeyCheck.Row"/> or <see cref="ForeignKeyCheck.Set"/>.</param>
/// <param name="Reason">A clause for a person.</param>
internal readonly record struct ForeignKeyDecision(ForeignKeyCheck Check, string Reason)
{
    /// <summary>Decides by what the user asked for and what stands against checking by set.</summary>
    /// <exception cref="StreamingException">The user insists on Set, and it is not allowed or not safe.</exception>
    public static ForeignKeyDecision Make(ForeignKeyCheck requested, string? whyNotBySet) => (requested, whyNotBySet) switch
    {
        (ForeignKeyCheck.Row, _) => new(ForeignKeyCheck.Row, "asked for"),
        (ForeignKeyCheck.Set, null) => new(ForeignKeyCheck.Set, "asked for"),
        (ForeignKeyCheck.Set, _) => throw new StreamingException(
            "SetCheckNotPossible",
            StreamingErrorKind.InvalidInput,
            $"Foreign keys cannot be checked by set: {whyNotBySet}.",
            "Leave it to Auto, or use Row."),
        (_, null) => new(ForeignKeyCheck.Set, "allowed, and no trigger would be skipped"),
        _ => new(ForeignKeyCheck.Row, whyNotBySet),
    };
}
