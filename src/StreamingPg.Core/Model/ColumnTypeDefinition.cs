namespace StreamingPg.Core.Model;

/// <summary>What is to be known of a type of metadata: its names, and what may stand in its brackets.</summary>
internal sealed record ColumnTypeDefinition(ColumnKind Kind, string Name, string CatalogName)
{
    /// <summary>PostgreSQL's limit of character varying.</summary>
    public const int MaxLength = 10_485_760;

    private const int MaxPrecision = 1000;
    private const int MaxSecondDigits = 6;

    private static readonly ColumnTypeDefinition[] All =
    [
        new(ColumnKind.Uuid, "UUID", "uuid"),
        new(ColumnKind.VarChar, "VARCHAR", "character varying") { Arguments = TypeArguments.Length, Aliases = ["CHARACTER VARYING"] },
        new(ColumnKind.Integer, "INTEGER", "integer") { Aliases = ["INT", "INT4"] },
        new(ColumnKind.Decimal, "DECIMAL", "numeric") { Arguments = TypeArguments.PrecisionAndScale, Aliases = ["NUMERIC", "DEC"] },
        new(ColumnKind.Timestamp, "TIMESTAMP", "timestamp without time zone") { Arguments = TypeArguments.SecondDigits },
        new(ColumnKind.Serial, "SERIAL", "integer") { Aliases = ["SERIAL4"] },
        new(ColumnKind.SmallInteger, "SMALLINT", "smallint") { Aliases = ["INT2"] },
        new(ColumnKind.BigInteger, "BIGINT", "bigint") { Aliases = ["INT8"] },
        new(ColumnKind.SmallSerial, "SMALLSERIAL", "smallint") { Aliases = ["SERIAL2"] },
        new(ColumnKind.BigSerial, "BIGSERIAL", "bigint") { Aliases = ["SERIAL8"] },
        new(ColumnKind.Real, "REAL", "real") { Aliases = ["FLOAT4"] },
        new(ColumnKind.DoublePrecision, "DOUBLE PRECISION", "double precision") { Aliases = ["FLOAT8", "FLOAT"] },
        new(ColumnKind.Boolean, "BOOLEAN", "boolean") { Aliases = ["BOOL"] },
        new(ColumnKind.Char, "CHAR", "character") { Arguments = TypeArguments.Length, Aliases = ["CHARACTER", UnlimitedChar] },
        new(ColumnKind.Text, "TEXT", "text"),
        new(ColumnKind.Date, "DATE", "date"),
        new(ColumnKind.Time, "TIME", "time without time zone") { Arguments = TypeArguments.SecondDigits },
        new(ColumnKind.TimestampTz, "TIMESTAMPTZ", "timestamp with time zone") { Arguments = TypeArguments.SecondDigits },
        new(ColumnKind.Interval, "INTERVAL", "interval") { Arguments = TypeArguments.SecondDigits },
        new(ColumnKind.Bytea, "BYTEA", "bytea"),
        new(ColumnKind.Json, "JSON", "json"),
        new(ColumnKind.Jsonb, "JSONB", "jsonb"),
        new(ColumnKind.Inet, "INET", "inet"),
        new(ColumnKind.Cidr, "CIDR", "cidr"),
        new(ColumnKind.MacAddr, "MACADDR", "macaddr"),
        .. LiteralTypes.All,
    ];

    /// <summary>character without a limit has a name of its own: CHAR alone means CHAR(1).</summary>
    public const string UnlimitedChar = "bpchar";

    /// <summary>Every type in the form a user writes it, for error texts.</summary>
    public static string Examples => string.Join(", ", All.Where(definition => definition.Kind != ColumnKind.Literal).Select(definition => definition.Example));

    /// <summary>What may stand in the brackets.</summary>
    public TypeArguments Arguments { get; init; }

    /// <summary>The type in the form a user writes it.</summary>
    public string Example => Name + Arguments switch
    {
        TypeArguments.Length => "(n)",
        TypeArguments.PrecisionAndScale => "(p,s)",
        _ => "",
    };

    public IReadOnlyList<string> Aliases { get; init; } = [];

    private bool IsLiteral => Kind == ColumnKind.Literal;

    private int MaxArguments => Arguments switch
    {
        TypeArguments.None => 0,
        TypeArguments.PrecisionAndScale => 2,
        _ => 1,
    };

    public static ColumnTypeDefinition Of(ColumnType type) =>
        Array.Find(All, definition => definition.Kind == type.Kind && (!definition.IsLiteral || definition.Name == type.Form))!;

    /// <summary>The type of that name, whatever its case; null when there is none.</summary>
    public static ColumnTypeDefinition? Find(string name) => Array.Find(All, definition =>
        name.Equals(definition.Name, StringComparison.OrdinalIgnoreCase)
        || name.Equals(definition.CatalogName, StringComparison.OrdinalIgnoreCase)
        || definition.Aliases.Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>Null when the numbers in the brackets are good for the type.</summary>
    public string? WhyArgumentsAreWrong(int[] arguments)
    {
        if (arguments.Length > MaxArguments)
        {
            return MaxArguments == 0
                ? $"the type {Name} takes no arguments"
                : $"the type {Name} takes at most {MaxArguments} argument(s)";
        }

        return arguments switch
        {
            [] => null,
            [var length] when Arguments == TypeArguments.Length && length is < 1 or > MaxLength =>
                $"the length of {Name} is {length}, but it must be from 1 to {MaxLength}",
            [var digits] when Arguments == TypeArguments.SecondDigits && digits is < 0 or > MaxSecondDigits =>
                $"the precision of {Name} is {digits}, but it must be from 0 to {MaxSecondDigits}",
            [var precision, ..] when Arguments == TypeArguments.PrecisionAndScale && precision is < 1 or > MaxPrecision =>
                $"the precision of {Name} is {precision}, but it must be from 1 to {MaxPrecision}",
            [var precision, var scale] when scale < 0 || scale > precision =>
                $"the scale of {Name} is {scale}, but it must be from 0 to its precision, {precision}",
            _ => null,
        };
    }

    /// <summary>The type with the numbers that <see cref="WhyArgumentsAreWrong"/> has found good.</summary>
    /// <param name="arguments">The numbers.</param>
    /// <param name="name">The name that was read.</param>
    public ColumnType Create(int[] arguments, string name) => (Arguments, arguments) switch
    {
        _ when IsLiteral => new ColumnType(Kind, arguments is [var number] && Arguments == TypeArguments.Length ? number : null)
        {
            Form = Name,
            Precision = arguments is [var digits] && Arguments == TypeArguments.SecondDigits ? digits : null,
        },
        (TypeArguments.Length, [var length]) => new ColumnType(Kind, Length: length),
        (TypeArguments.PrecisionAndScale, [var precision]) => new ColumnType(Kind, Precision: precision, Scale: 0),
        (TypeArguments.PrecisionAndScale, [var precision, var scale]) => new ColumnType(Kind, Precision: precision, Scale: scale),
        (TypeArguments.SecondDigits, [var digits]) => new ColumnType(Kind, Precision: digits),
        _ when Kind == ColumnKind.Char && !name.Equals(UnlimitedChar, StringComparison.OrdinalIgnoreCase) =>
            new ColumnType(Kind, Length: 1),
        _ => new ColumnType(Kind),
    };
}

/// <summary>What the numbers in the brackets behind a type say.</summary>
internal enum TypeArguments
{
    /// <summary>Nothing may stand there.</summary>
    None,

    /// <summary>Maximum characters.</summary>
    Length,

    /// <summary>Digits, and digits after the point.</summary>
    PrecisionAndScale,

    /// <summary>Digits after the point of the second.</summary>
    SecondDigits,
}
