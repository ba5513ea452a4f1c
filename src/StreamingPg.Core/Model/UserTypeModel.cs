namespace StreamingPg.Core.Model;

/// <summary>A type that metadata defines itself: an enum, a domain over another type, or one whose values are texts of a pattern.</summary>
internal sealed record UserTypeModel
{
    /// <summary>Name as in metadata.</summary>
    public required string Name { get; init; }

    /// <summary>The schema that has the type, where it is not that of the tables; such a type is used and never created.</summary>
    public string? Schema { get; init; }

    /// <summary>Name in <see cref="Schema"/>, without it.</summary>
    public string? LocalName { get; init; }

    /// <summary>The values of an enum in their order; empty for a domain.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The type that a domain is over; null for an enum.</summary>
    public ColumnType? Base { get; init; }

    /// <summary>The regular expression that the values of a type match which is neither enum nor domain; null for these.</summary>
    public string? Pattern { get; init; }

    /// <summary>SQL expressions over VALUE that every value of a domain satisfies.</summary>
    public IReadOnlyList<string> Checks { get; init; } = [];

    /// <summary>False when a domain takes no NULL.</summary>
    public bool IsNullable { get; init; } = true;

    /// <summary>True for an enum.</summary>
    public bool IsEnum => Base is null && Pattern is null;

    /// <summary>The type of a column that names this type.</summary>
    public ColumnType ToColumnType() =>
        Base is { } type ? type with { UserType = this } : new ColumnType(Pattern is null ? ColumnKind.Enum : ColumnKind.Literal) { UserType = this };
}
