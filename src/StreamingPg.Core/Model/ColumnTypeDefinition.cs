namespace StreamingPg.Core.Model;

/// <summary>What is to be known of a type of metadata: its names, and what may stand in its brackets.</summary>
internal sealed record ColumnTypeDefinition(ColumnKind Kind, string Name, string CatalogName, string Example)
{
    private const int MaxLength = 10_485_760; // PostgreSQL's limit of character varying
    private const int MaxPrecision = 1000;

    private static readonly ColumnTypeDefinition[] All =
    [
        new(ColumnKind.Uuid, "UUID", "uuid", "UUID"),
        new(ColumnKind.VarChar, "VARCHAR", "character varying", "VARCHAR(n)") { MaxArguments = 1 },
        new(ColumnKind.Integer, "INTEGER", "integer", "INTEGER") { Alias = "INT" },
        new(ColumnKind.Decimal, "DECIMAL", "numeric", "DECIMAL(p,s)") { Alias = "NUMERIC", MaxArguments = 2 },
        new(ColumnKind.Timestamp, "TIMESTAMP", "timestamp without time zone", "TIMESTAMP"),
        new(ColumnKind.Serial, "SERIAL", "integer", "SERIAL"),
    ];

    /// <summary>Every type in the form a user writes it, for error texts.</summary>
    public static string Examples => string.Join(", ", All.Select(definition => definition.Example));

    private string? Alias { get; init; }

    private int MaxArguments { get; init; }

    public static ColumnTypeDefinition Of(ColumnKind kind) => Array.Find(All, definition => definition.Kind == kind)!;

    public static ColumnTypeDefinition? Find(string name) => Array.Find(All, definition =>
        name.Equals(definition.Name, StringComparison.OrdinalIgnoreCase)
        || name.Equals(definition.Alias, StringComparison.OrdinalIgnoreCase));

    /// <summary>Null when the numbers in the brackets are good for the type.</summary>
    public string? WhyArgumentsAreWrong(int[] arguments)
    {
        if (arguments.Length > MaxArguments)
        {
            return MaxArguments == 0
                ? $"the type {Name} takes nothing in brackets"
                : $"the type {Name} takes no more than {MaxArguments} number(s) in brackets";
        }

        return arguments switch
        {
            [] => null,
            [var length] when Kind == ColumnKind.VarChar && length is < 1 or > MaxLength =>
                $"the length of {Name} is {length}, and it must be from 1 to {MaxLength}",
            [var precision, ..] when Kind == ColumnKind.Decimal && precision is < 1 or > MaxPrecision =>
                $"the precision of {Name} is {precision}, and it must be from 1 to {MaxPrecision}",
            [var precision, var scale] when scale < 0 || scale > precision =>
                $"the scale of {Name} is {scale}, and it must be from 0 to its precision, {precision}",
            _ => null,
        };
    }

    /// <summary>The type with the numbers that <see cref="WhyArgumentsAreWrong"/> has found good.</summary>
    public ColumnType Create(int[] arguments) => (Kind, arguments) switch
    {
        (ColumnKind.VarChar, [var length]) => new ColumnType(Kind, Length: length),
        (ColumnKind.Decimal, [var precision]) => new ColumnType(Kind, Precision: precision, Scale: 0),
        (ColumnKind.Decimal, [var precision, var scale]) => new ColumnType(Kind, Precision: precision, Scale: scale),
        _ => new ColumnType(Kind),
    };
}
