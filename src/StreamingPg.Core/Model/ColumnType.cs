using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace StreamingPg.Core.Model;

/// <summary>Type of a column, with its length or precision.</summary>
/// <param name="Kind">Which type; of a domain the type that it is over.</param>
/// <param name="Length">Maximum characters of text; null means no limit.</param>
/// <param name="Precision">Maximum digits of a <see cref="ColumnKind.Decimal"/>, digits after the point of the second of a time;
/// null means no limit.</param>
/// <param name="Scale">Digits after the point of a <see cref="ColumnKind.Decimal"/>.</param>
internal sealed record ColumnType(ColumnKind Kind, int? Length = null, int? Precision = null, int? Scale = null)
{
    /// <summary>Type of the elements of an array; null for every other type.</summary>
    public ColumnType? Element { get; init; }

    /// <summary>Name of a <see cref="ColumnKind.Literal"/> that PostgreSQL has by itself, such as TSVECTOR; null for every other type.</summary>
    public string? Form { get; init; }

    /// <summary>True for values that go to the server as text, those of arrays of them included.</summary>
    public bool IsLiteral => Kind == ColumnKind.Literal || Element?.Kind == ColumnKind.Literal;

    /// <summary>The regular expression that the texts of a <see cref="ColumnKind.Literal"/> match; null for ranges and for every other type.</summary>
    public string? LiteralPattern => UserType switch
    {
        { Base: { } over } => over.LiteralPattern,
        { Pattern: { } pattern } => pattern,
        _ => Form is null ? null : LiteralTypes.PatternOf(this),
    };

    /// <summary>The enum, domain or other type of metadata that the column names, or null.</summary>
    public UserTypeModel? UserType { get; init; }

    /// <summary>The values of an enum, or of a domain over one; empty for every other type.</summary>
    public IReadOnlyList<string> Labels => UserType switch
    {
        null => [],
        { Base: { } over } => over.Labels,
        _ => UserType.Labels,
    };

    /// <summary>True for character(n), character varying(n) and text.</summary>
    public bool IsText => Kind is ColumnKind.VarChar or ColumnKind.Text or ColumnKind.Char;

    /// <summary>True for smallint, integer and bigint, with or without a sequence.</summary>
    public bool IsInteger => WithoutSequence().Kind is ColumnKind.SmallInteger or ColumnKind.Integer or ColumnKind.BigInteger;

    /// <summary>True for whole numbers, those of a numeric without digits after the point included.</summary>
    public bool IsWhole => IsInteger || this is { Kind: ColumnKind.Decimal, Scale: 0 };

    /// <summary>True for whole, exact and floating-point numbers.</summary>
    public bool IsNumber => IsInteger || Kind is ColumnKind.Decimal or ColumnKind.Real or ColumnKind.DoublePrecision;

    /// <summary>True for timestamps with and without time zone.</summary>
    public bool IsTimestamp => Kind is ColumnKind.Timestamp or ColumnKind.TimestampTz;

    /// <summary>The type that the values have: of SERIAL, it is INTEGER.</summary>
    public ColumnType WithoutSequence() => Kind switch
    {
        ColumnKind.SmallSerial => this with { Kind = ColumnKind.SmallInteger },
        ColumnKind.Serial => this with { Kind = ColumnKind.Integer },
        ColumnKind.BigSerial => this with { Kind = ColumnKind.BigInteger },
        _ => this,
    };

    /// <summary>The type whose value comes from a sequence of its own, or null when there is none.</summary>
    public ColumnType? WithSequence() => UserType is not null ? null : Kind switch
    {
        ColumnKind.SmallInteger => this with { Kind = ColumnKind.SmallSerial },
        ColumnKind.Integer => this with { Kind = ColumnKind.Serial },
        ColumnKind.BigInteger => this with { Kind = ColumnKind.BigSerial },
        ColumnKind.SmallSerial or ColumnKind.Serial or ColumnKind.BigSerial => this,
        _ => null,
    };

    /// <summary>
    /// The type as which values of several types can be compared: BIGINT for whole numbers, TEXT for texts, the type below a domain.
    /// </summary>
    public ColumnType ToComparable() => this switch
    {
        { UserType.Base: { } over } => over.ToComparable(),
        { IsInteger: true } => new(ColumnKind.BigInteger),
        { IsText: true } => new(ColumnKind.Text),
        { Kind: ColumnKind.Decimal } => new(ColumnKind.Decimal),
        _ => this,
    };

    /// <summary>True when a column of this type may refer to one of another type.</summary>
    public bool CanReferTo(ColumnType parent)
    {
        ArgumentNullException.ThrowIfNull(parent);
        return this == WithoutSequence() && ToComparable() == parent.ToComparable();
    }

    /// <summary>True when a column of this type takes every value of another type, such as a longer text or a wider number.</summary>
    public bool Holds(ColumnType other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (UserType is not null || Element is not null || other.UserType is not null || other.Element is not null)
        {
            return this == other;
        }

        return (other.WithoutSequence().Kind, WithoutSequence().Kind) switch
        {
            (ColumnKind.Char, ColumnKind.Char) => other.Length <= Length,
            (ColumnKind.Char or ColumnKind.VarChar or ColumnKind.Text, ColumnKind.VarChar or ColumnKind.Text) => Length is null || other.Length <= Length,
            (ColumnKind.Decimal, ColumnKind.Decimal) => Precision is null
                || (other.Precision - (other.Scale ?? 0) <= Precision - (Scale ?? 0) && (other.Scale ?? 0) <= (Scale ?? 0)),
            (ColumnKind.SmallInteger, ColumnKind.Integer) or (ColumnKind.SmallInteger or ColumnKind.Integer, ColumnKind.BigInteger) => true,
            (ColumnKind.Real, ColumnKind.DoublePrecision) => true,
            (ColumnKind.Time, ColumnKind.Time) or (ColumnKind.Timestamp, ColumnKind.Timestamp) or (ColumnKind.TimestampTz, ColumnKind.TimestampTz) =>
                Precision is null || other.Precision <= Precision,
            _ => WithoutSequence() == other.WithoutSequence(),
        };
    }

    /// <summary>An array whose elements have this type.</summary>
    public ColumnType ToArray() => new(ColumnKind.Array) { Element = this };

    /// <summary>The type as it stands in metadata, such as <c>VARCHAR(255)</c>.</summary>
    public string ToSql() => UserType?.Name ?? (Element is { } element ? $"{element.ToSql()}[]" : Kind switch
    {
        ColumnKind.Char when Length is null => "BPCHAR",
        _ => WithArguments(ColumnTypeDefinition.Of(this).Name),
    });

    /// <summary>
    /// The type as format_type of pg_catalog spells it, such as <c>character varying(255)</c>; a type of metadata without its
    /// schema and without quotes.
    /// </summary>
    public string ToCatalogName() => UserType?.Name ?? (Element is { } element ? $"{element.ToCatalogName()}[]" : Kind switch
    {
        ColumnKind.Char when Length is null => ColumnTypeDefinition.UnlimitedChar,
        _ => WithArguments(ColumnTypeDefinition.Of(this).CatalogName),
    });

    /// <summary>Reads a type as metadata, or the catalog, spells it; case and spaces do not matter.</summary>
    /// <param name="text">Such as <c>DECIMAL(10,2)</c> or <c>TEXT[]</c>.</param>
    /// <param name="type">The type.</param>
    /// <param name="reason">Why it is not one, a clause without a full stop.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out ColumnType? type, [NotNullWhen(false)] out string? reason) =>
        TryParse(text, [], out type, out reason);

    /// <summary>Reads a type as metadata spells it, which may be one that metadata defines itself.</summary>
    /// <param name="text">Such as <c>DECIMAL(10,2)</c>, <c>TEXT[]</c> or <c>mood</c>.</param>
    /// <param name="userTypes">The types that metadata defines itself.</param>
    /// <param name="type">The type.</param>
    /// <param name="reason">Why it is not one, a clause without a full stop.</param>
    public static bool TryParse(
        string text,
        IReadOnlyCollection<UserTypeModel> userTypes,
        [NotNullWhen(true)] out ColumnType? type,
        [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(userTypes);
        return new ColumnTypeParser(text, userTypes).TryParse(out type, out reason);
    }

    /// <summary>The numbers stand behind the first word: <c>timestamp(3) without time zone</c>.</summary>
    private string WithArguments(string name)
    {
        var arguments = (Length, Precision, Scale) switch
        {
            ({ } length, _, _) => string.Create(CultureInfo.InvariantCulture, $"({length})"),
            (_, { } precision, { } scale) => string.Create(CultureInfo.InvariantCulture, $"({precision},{scale})"),
            (_, { } digits, null) => string.Create(CultureInfo.InvariantCulture, $"({digits})"),
            _ => "",
        };
        var firstWord = name.Contains(" with", StringComparison.Ordinal) ? name.Split(' ')[0] : name;
        return firstWord + arguments + name[firstWord.Length..];
    }
}
