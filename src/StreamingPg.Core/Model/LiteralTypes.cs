using System.Globalization;

namespace StreamingPg.Core.Model;

/// <summary>
/// The types whose values go to the server as text: those of PostgreSQL itself, and what extensions bring along. Each has a regular
/// expression that its generated values match; ranges have a generator of their own.
/// </summary>
internal static class LiteralTypes
{
    private const int UsualBits = 16;
    private const int MostBits = 64;
    private const string Word = "[a-z]{4,8}";

    /// <summary>The types of PostgreSQL itself.</summary>
    public static readonly ColumnTypeDefinition[] All =
    [
        Of("INT4RANGE"), Of("INT8RANGE"), Of("NUMRANGE"), Of("DATERANGE"), Of("TSRANGE"), Of("TSTZRANGE"),
        Of("INT4MULTIRANGE"), Of("INT8MULTIRANGE"), Of("NUMMULTIRANGE"), Of("DATEMULTIRANGE"), Of("TSMULTIRANGE"), Of("TSTZMULTIRANGE"),
        Of("MONEY"), Of("XML"), Of("TSVECTOR"), Of("TSQUERY"), Of("JSONPATH"),
        Of("BIT") with { Arguments = TypeArguments.Length },
        new(ColumnKind.Literal, "VARBIT", "bit varying") { Arguments = TypeArguments.Length },
        Of("POINT"), Of("LINE"), Of("LSEG"), Of("BOX"), Of("PATH"), Of("POLYGON"), Of("CIRCLE"),
        Of("MACADDR8"),
        new(ColumnKind.Literal, "TIMETZ", "time with time zone") { Arguments = TypeArguments.SecondDigits },
        Of("NAME"), Of("\"char\""), Of("OID"), Of("XID"), Of("XID8"), Of("CID"), Of("TID"), Of("PG_LSN"), Of("PG_SNAPSHOT"), Of("TXID_SNAPSHOT"),
        Of("REGCLASS"), Of("REGTYPE"), Of("REGPROC"), Of("REGPROCEDURE"), Of("REGNAMESPACE"), Of("REGCONFIG"), Of("REGDICTIONARY"),
        Of("INT2VECTOR"), Of("OIDVECTOR"), Of("REFCURSOR"),
    ];

    private static readonly Dictionary<string, string> Patterns = new(StringComparer.Ordinal)
    {
        ["MONEY"] = @"[1-9]\d{0,2}\.\d{2}",
        ["XML"] = $"<item><name>{Word}</name></item>",
        ["TSVECTOR"] = $"{Word} {Word} {Word}",
        ["TSQUERY"] = $"{Word} & {Word}",
        ["JSONPATH"] = $@"\$\.{Word}",
        ["POINT"] = @"\(\d{1,2}\.\d{3},\d{1,2}\.\d{3}\)",
        ["LINE"] = @"\{[1-9],[1-9],\d\}",
        ["LSEG"] = @"\[\(\d,\d\),\([1-9]\d,[1-9]\d\)\]",
        ["BOX"] = @"\([1-9]\d,[1-9]\d\),\(\d,\d\)",
        ["PATH"] = @"\[\(\d,\d\),\(1\d,1\d\),\(2\d,2\d\)\]",
        ["POLYGON"] = @"\(\(\d,\d\),\(1\d,\d\),\(1\d,1\d\)\)",
        ["CIRCLE"] = @"<\(\d,\d\),[1-9]>",
        ["MACADDR8"] = "02(:[0-9a-f]{2}){7}",
        ["TIMETZ"] = @"([01]\d|2[0-3]):[0-5]\d:[0-5]\d\+00",
        ["NAME"] = "[a-z]{8}",
        ["\"char\""] = "[a-z]",
        ["OID"] = @"[1-9]\d{4}",
        ["XID"] = @"[1-9]\d{4}",
        ["XID8"] = @"[1-9]\d{4}",
        ["CID"] = @"\d",
        ["TID"] = @"\([1-9]\d{2},[1-9]\)",
        ["PG_LSN"] = "[1-9A-F]/[1-9A-F][0-9A-F]{6}",
        ["PG_SNAPSHOT"] = @"1\d{4}:2\d{4}:",
        ["TXID_SNAPSHOT"] = @"1\d{4}:2\d{4}:",
        ["REGCLASS"] = @"pg_catalog\.pg_(class|type|proc|namespace)",
        ["REGTYPE"] = "(integer|text|date|boolean)",
        ["REGPROC"] = @"pg_catalog\.(now|pi|version)",
        ["REGPROCEDURE"] = @"pg_catalog\.(now|pi|version)\(\)",
        ["REGNAMESPACE"] = "pg_catalog",
        ["REGCONFIG"] = @"pg_catalog\.(english|simple|german|french)",
        ["REGDICTIONARY"] = @"pg_catalog\.(english_stem|simple)",
        ["INT2VECTOR"] = @"[1-9] [1-9]\d",
        ["OIDVECTOR"] = @"[1-9]\d [1-9]\d{2}",
        ["REFCURSOR"] = Word,
    };

    // Of well-known extensions; what stands in the brackets of a column's type is told apart from its name.
    private static readonly Dictionary<string, Func<string, string>> Extensions = new(StringComparer.Ordinal)
    {
        ["hstore"] = _ => $"{Word}=>{Word}",
        ["ltree"] = _ => "[a-z]{5}(\\.[a-z]{5}){1,2}",
        ["cube"] = _ => @"\([1-9]\d,[1-9]\d\)",
        ["seg"] = _ => @"[1-4]\.\d\.\.[5-9]\.\d",
        ["vector"] = Numbers,
        ["halfvec"] = Numbers,
        ["sparsevec"] = arguments => $@"\{{1:0\.[1-9]\}}/{(arguments.Length == 0 ? "3" : arguments)}",
        ["geometry"] = arguments => Shape(arguments, "0"),
        ["geography"] = arguments => Shape(arguments, "4326"),
    };

    /// <summary>The regular expression for values of a type of PostgreSQL itself; null for ranges.</summary>
    public static string? PatternOf(ColumnType type) => type.Form switch
    {
        "BIT" => Bits(type.Length ?? 1),
        "VARBIT" => Bits(Math.Min(type.Length ?? UsualBits, MostBits)),
        { } form => Patterns.GetValueOrDefault(form),
        null => null,
    };

    /// <summary>The regular expression for values of a type of a well-known extension; null when nothing is known of it.</summary>
    /// <param name="name">Name of the type, without its schema.</param>
    /// <param name="arguments">What stands in brackets behind it, such as <c>Point,4326</c>; empty without any.</param>
    public static string? PatternOf(string name, string arguments) => Extensions.GetValueOrDefault(name)?.Invoke(arguments);

    /// <summary>The type whose ranges are written as those of another are; null when there is none.</summary>
    /// <param name="subtype">Type of the bounds.</param>
    /// <param name="isMultirange">True for several ranges in one value.</param>
    public static ColumnType? RangeOf(ColumnType? subtype, bool isMultirange)
    {
        var name = subtype?.Kind switch
        {
            ColumnKind.SmallInteger or ColumnKind.Integer or ColumnKind.BigInteger => "INT4",
            ColumnKind.Decimal or ColumnKind.Real or ColumnKind.DoublePrecision => "NUM",
            ColumnKind.Date => "DATE",
            ColumnKind.Timestamp => "TS",
            ColumnKind.TimestampTz => "TSTZ",
            _ => null,
        };
        return name is null ? null : new ColumnType(ColumnKind.Literal) { Form = name + (isMultirange ? "MULTIRANGE" : "RANGE") };
    }

    /// <summary>The regular expression for a row of such fields; a field of which nothing is known is NULL.</summary>
    public static string RowOf(IEnumerable<ColumnType?> fields) => $@"\({string.Join(',', fields.Select(FieldOf))}\)";

    private static string FieldOf(ColumnType? type) => type switch
    {
        { Labels: [var label, ..] } => Quoted(label),
        { IsInteger: true } => @"\d{1,3}",
        { Kind: ColumnKind.Decimal, Precision: { } precision, Scale: var scale } when precision == scale => "0",
        { IsNumber: true } => @"\d",
        { Kind: ColumnKind.Char or ColumnKind.VarChar, Length: < 4 } => "[a-z]",
        { IsText: true } => "[a-z]{4}",
        { Kind: ColumnKind.Boolean } => "(t|f)",
        { Kind: ColumnKind.Date } => @"2024-0[1-9]-[12]\d",
        { IsTimestamp: true } => @"""2024-0[1-9]-[12]\d 1\d:[0-5]\d:00""",
        { Kind: ColumnKind.Uuid } => "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}",
        _ => "",
    };

    private static string Quoted(string text) => "\"" + string.Concat(text.Select(character => character switch
    {
        '"' or '\\' => @"\\" + Escaped(character),
        _ => Escaped(character),
    })) + "\"";

    private static string Escaped(char character) => char.IsLetterOrDigit(character) || character is ' ' or '_' ? character.ToString() : $"\\{character}";

    private static ColumnTypeDefinition Of(string name) => new(ColumnKind.Literal, name, name.ToLowerInvariant());

    private static string Bits(int count) => string.Create(CultureInfo.InvariantCulture, $"[01]{{{count}}}");

    private static string Numbers(string arguments)
    {
        var count = int.TryParse(arguments, NumberStyles.None, CultureInfo.InvariantCulture, out var dimensions) ? dimensions : 3;
        return string.Create(CultureInfo.InvariantCulture, $@"\[0\.\d{(count <= 1000 ? "{3}" : "")}(,0\.\d){{{count - 1}}}\]");
    }

    /// <summary>A shape of PostGIS as the column wants it: which kind, with how many dimensions, in which system of coordinates.</summary>
    private static string Shape(string arguments, string system)
    {
        var parts = arguments.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var kind = parts.Length == 0 ? "POINT" : parts[0].ToUpperInvariant();
        var dimensions = kind.EndsWith("ZM", StringComparison.Ordinal) ? " 1 1" : kind.EndsWith('Z') || kind.EndsWith('M') ? " 1" : "";
        var bare = kind.TrimEnd('Z', 'M');
        bare = kind.StartsWith("GEOMETRY", StringComparison.Ordinal) && !kind.StartsWith("GEOMETRYCOLLECTION", StringComparison.Ordinal) ? "POINT" : bare;
        string At(string place) => place + dimensions;
        var ring = $@"\({At("10 10")},{At(@"2\d 10")},{At(@"2\d 3\d")},{At("10 10")}\)";
        var text = bare switch
        {
            "POINT" => $@"\({At(@"\d{1,2}\.\d{4} \d{1,2}\.\d{4}")}\)",
            "MULTIPOINT" => $@"\({At(@"\d{1,2} \d{1,2}")},{At(@"\d{1,2} \d{1,2}")}\)",
            "LINESTRING" => $@"\({At(@"\d \d")},{At(@"1\d 1\d")}\)",
            "MULTILINESTRING" => $@"\(\({At(@"\d \d")},{At(@"1\d 1\d")}\)\)",
            "POLYGON" => $@"\({ring}\)",
            "MULTIPOLYGON" => $@"\(\({ring}\)\)",
            _ => " EMPTY",
        };
        var suffix = dimensions.Length == 0 ? "" : " " + kind[bare.Length..];
        return $"SRID={(parts.Length > 1 ? parts[1] : system)};{bare}{suffix}{text}";
    }
}
