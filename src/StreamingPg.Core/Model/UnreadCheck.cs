namespace StreamingPg.Core.Model;

/// <summary>A CHECK whose truth for the rows that are made cannot be promised.</summary>
/// <param name="Table">The table.</param>
/// <param name="Name">Name of the constraint, or of the domain.</param>
/// <param name="Expression">Its expression.</param>
/// <param name="Reason">Why not, a clause.</param>
/// <param name="IsDomain">True when it belongs to a domain.</param>
public sealed record UnreadCheck(string Table, string? Name, string Expression, string Reason, bool IsDomain)
{
    /// <summary>The column whose domain it belongs to; null for a CHECK of the table.</summary>
    public string? Column { get; init; }

    /// <summary>The error that keeps rows from being made.</summary>
    public StreamingException ToError() => new(
        "CheckNotUnderstood",
        StreamingErrorKind.InvalidMetadata,
        $"Table \"{Table}\"{(Column is null ? "" : $", column \"{Column}\"")}: rows that satisfy {(IsDomain ? "the CHECK of domain" : "CHECK")}{(Name is null ? "" : $" \"{Name}\"")} ({Expression}) cannot be promised: {Reason}.",
        IsDomain
            ? "Give the column values, min and max or a pattern that satisfy it, and take the check out of \"$types\" in the metadata."
            : "Give its columns a generator, values, min and max or a pattern that satisfy it and say \"trusted\": true beside its expression in the metadata, or take it out there.",
        Table);
}
