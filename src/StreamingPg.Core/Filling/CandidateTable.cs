using System.Globalization;
using System.Text.Json;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Checks;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Filling;

/// <summary>
/// A table as its candidates are made: without what could not be promised, and with values of all kinds where a CHECK is not
/// understood. The server says which of them may stay.
/// </summary>
internal static class CandidateTable
{
    private const double HalfOfThem = 0.5;
    private const int LongestTried = 4096;

    // Times are usually of the last two years.
    private const long UsualMinutes = 2 * 365 * 24 * 60;
    private const int RoomForEach = 8;
    private const int LongestShortMinutes = 60;

    // Up to this number of keys, all sets are tried.
    private const int MostKeys = 4;

    private static readonly string[] TypesOfJson = ["object", "array", "string", "number", "boolean", "null"];
    private static readonly string[] ValuesOfKeys = ["\"lorem\"", "7", "true", "[]", "{}"];
    private static readonly string[] TriedTexts = ["lorem", "LOREM", "Lorem ipsum", "7", "lorem-ipsum", "lorem_ipsum", "a"];

    private const string ANumber = "1";

    // Numbers as texts, enough to be unique.
    private static readonly string[] Numbers = [.. Enumerable.Range(1, 2000).Select(number => number.ToString(CultureInfo.InvariantCulture))];

    // A trigger may read a text as something else.
    private static readonly string[] OtherTexts =
    [
        ANumber, "true", "en", "{}", "[]", """{"name": "lorem"}""", "2024-01-01", "<a/>",
        """<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader></record>""",
    ];

    private static readonly string[] TriedJson = ["{}", "[]", "\"lorem\"", "7", "true", """{"name": "lorem", "value": 7}""", "[1, 2]"];

    /// <summary>The table whose candidates are made like any rows: most CHECKs take what is believable.</summary>
    public static TableModel Of(TableModel table) => table with { IsSieved = true, UnreadChecks = [] };

    /// <summary>The table with values of all kinds where constraints are not understood.</summary>
    /// <param name="table">The table.</param>
    /// <param name="unread">Its constraints that are not understood.</param>
    public static TableModel Guessed(TableModel table, IReadOnlyList<UnreadCheck> unread) => table with
    {
        Columns = [.. table.Columns.Select(column => unread.Where(check => IsAbout(check, column)).ToList() is { Count: > 0 } about ? Vary(table, column, about) : column)],
    };

    /// <summary>The table with nothing but what a row must have: what is NULL, no trigger looks at.</summary>
    public static TableModel Least(TableModel table) => table with
    {
        Columns = [.. table.Columns.Select(column => column is { IsNullable: true, IsPrimaryKey: false, IsLeftToServer: false, IsAutoIncrement: false } ? column with { NullRatio = 1 } : column)],
    };

    /// <summary>The kinds of text that <see cref="OfOneKind"/> knows.</summary>
    public static int Kinds => OtherTexts.Length;

    /// <summary>The table with texts and numbers of all kinds in every column that nothing else has a say in.</summary>
    /// <param name="table">The table.</param>
    /// <param name="unread">Its constraints that are not understood.</param>
    public static TableModel Varied(TableModel table, IReadOnlyList<UnreadCheck> unread) => WithTried(
        table, unread, column => [.. column.Tried, .. Default(column), .. Usual(column.Type), .. column.Type.IsText ? OtherTexts : []]);

    /// <summary>The table with texts of one kind, and the number of the first row of another table: all columns may have to fit at once.</summary>
    /// <param name="table">The table.</param>
    /// <param name="unread">Its constraints that are not understood.</param>
    /// <param name="kind">Which kind, from 0.</param>
    public static TableModel OfOneKind(TableModel table, IReadOnlyList<UnreadCheck> unread, int kind)
    {
        var tried = WithTried(
            table, unread, column => column.Type.IsText ? OtherTexts[kind] == ANumber ? Numbers : [OtherTexts[kind]] : column.Type.IsNumber ? [1m] : column.Tried);
        var unique = table.UniqueSets().SelectMany(set => set).ToHashSet(StringComparer.Ordinal);
        return tried with { Columns = [.. tried.Columns.Select(column => column.Tried.Count == 0 || unique.Contains(column.Name) ? column : Only(column))] };
    }

    /// <summary>The column with nothing but the values that are tried.</summary>
    private static ColumnModel Only(ColumnModel column) => column with
    {
        Values = [.. column.Tried.Select(value => new WeightedValue(value, 1))],
        Tried = [],
        Generator = null,
        Pattern = null,
        Minimum = null,
        Maximum = null,
        Distribution = null,
        After = null,
    };

    private static TableModel WithTried(TableModel table, IReadOnlyList<UnreadCheck> unread, Func<ColumnModel, IReadOnlyList<object>> tried)
    {
        var kept = table.Checks.Where(check => !unread.Any(other => other.Expression == check.Expression)).ToList();
        return table with
        {
            Columns =
            [
                .. table.Columns.Select(column => column is { IsLeftToServer: true } or { IsAutoIncrement: true } || IsKey(table, column)
                    || kept.Exists(check => Names(check.Expression, column)) ? column : column with
                {
                    Tried = [.. tried(column).Where(value => Fits(column.Type, value)).Distinct()],
                }),
            ],
        };
    }

    /// <summary>The table with short times between columns that follow each other: the shorter they are, the more of them do not overlap.</summary>
    /// <param name="table">A table with an EXCLUDE constraint.</param>
    /// <param name="rows">The rows that are to have room beside each other.</param>
    public static TableModel WithShortTimes(TableModel table, long rows)
    {
        var within = TimeSpan.FromMinutes(Math.Clamp(UsualMinutes / (RoomForEach * Math.Max(1, rows)), 1, LongestShortMinutes));
        return table with
        {
            Columns =
            [
                .. table.Columns.Select(column => column.After is not { Table: null, Within: null } after ? column : column with
                {
                    After = after with { Within = column.Type.Kind == ColumnKind.Date ? TimeSpan.FromDays(1) : within },
                }),
            ],
        };
    }

    /// <summary>
    /// Tables of which the server cannot choose rows, because they only come together: each set of the columns in turn that may be NULL and
    /// that CHECKs are about which nobody understands.
    /// </summary>
    public static IEnumerable<StreamModel> WithNulls(StreamModel model, IReadOnlyList<TableModel> tables)
    {
        List<(string Table, string Column)> columns =
        [
            .. (from table in tables
                from column in table.Columns
                where column is { IsNullable: true, IsLeftToServer: false } && table.UnreadChecks.Any(check => IsAbout(check, column))
                select (table.Name, column.Name)).Take(MostKeys),
        ];
        return
            from set in Enumerable.Range(0, columns.Count == 0 ? 0 : 1 << columns.Count)
            select columns.Select((column, index) => (column.Table, column.Column, Ratio: set >> index & 1)).Aggregate(model, WithRatio);
    }

    private static StreamModel WithRatio(StreamModel model, (string Table, string Column, int Ratio) change)
    {
        var table = model.Table(change.Table);
        return model.With(table with { Columns = [.. table.Columns.Select(column => column.Name == change.Column ? column with { NullRatio = change.Ratio } : column)] });
    }

    private static bool IsAbout(UnreadCheck check, ColumnModel column) =>
        check.Column is { } own ? own == column.Name : Names(check.Expression, column);

    private static bool Names(string expression, ColumnModel column) =>
        SqlConstant.ColumnsOf(expression) is { Count: > 0 } named
            ? named.Contains(column.Name, StringComparer.Ordinal)
            : TokensOf(expression).Any(token => token.Kind is SqlTokenKind.Word or SqlTokenKind.QuotedName && token.Text == column.Name);

    private static ColumnModel Vary(TableModel table, ColumnModel column, List<UnreadCheck> checks)
    {
        if (column is { IsLeftToServer: true } or { IsAutoIncrement: true })
        {
            return column;
        }

        var isKey = IsKey(table, column);
        var tokens = checks.SelectMany(check => TokensOf(check.Expression)).ToList();
        var tried = isKey ? [] : tokens.SelectMany(token => Tried(column.Type, token))
            .Concat(Default(column)).Concat(Usual(column.Type)).Concat(Objects(column.Type, tokens)).Where(value => Fits(column.Type, value)).Distinct().ToList();
        return column with
        {
            NullRatio = column is { IsNullable: true, NullRatio: 0 } ? HalfOfThem : column.NullRatio,
            Tried = tried,
        };
    }

    private static bool IsKey(TableModel table, ColumnModel column) =>
        table.ForeignKeys.Select(key => key.Columns).Concat(table.OutsideKeys.Select(key => key.Columns)).Any(columns => columns.Contains(column.Name, StringComparer.Ordinal));

    /// <summary>What a constant of a CHECK suggests for the columns that it is about: itself, its neighbours, a text of that length.</summary>
    private static IEnumerable<object> Tried(ColumnType type, SqlToken token)
    {
        if (token.Kind == SqlTokenKind.Text)
        {
            yield return token.Text;
        }

        if (token.Kind != SqlTokenKind.Number || !decimal.TryParse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            yield break;
        }

        if (type.IsNumber)
        {
            yield return number;
            yield return number + 1;
            yield return number - 1;
            yield return -number;
        }
        else if (number is > 0 and <= LongestTried && Math.Truncate(number) == number)
        {
            // \x and two digits for each byte.
            yield return type.Kind == ColumnKind.Bytea
                ? "\\x" + string.Concat(Enumerable.Range(0, (int)number).Select(index => (index * 37 % 256).ToString("x2", CultureInfo.InvariantCulture)))
                : new string('a', (int)number);
        }
    }

    /// <summary>What the column has by default surely fits.</summary>
    private static IEnumerable<object> Default(ColumnModel column) =>
        column.DefaultSql is { } sql && SqlConstant.Find(sql) is { } constant ? [constant] : [];

    private static IEnumerable<object> Usual(ColumnType type) => type switch
    {
        { Kind: ColumnKind.Json or ColumnKind.Jsonb } => TriedJson,
        { IsText: true } => TriedTexts,
        { IsNumber: true } => [0m, 1m, 2m, 10m, 100m],
        { Kind: ColumnKind.Boolean } => ["true", "false"],
        _ => [],
    };

    /// <summary>JSON objects with some of the keys that CHECKs name.</summary>
    private static IEnumerable<object> Objects(ColumnType type, List<SqlToken> tokens)
    {
        if (type.Kind is not (ColumnKind.Json or ColumnKind.Jsonb))
        {
            return [];
        }

        var keys = tokens.Where(token => token.Kind == SqlTokenKind.Text && token.Text.Length > 0).Select(token => token.Text)
            .Except(TypesOfJson).Take(MostKeys).Select(key => $"\"{JsonEncodedText.Encode(key)}\"").ToList();
        return
            from value in ValuesOfKeys
            from set in Enumerable.Range(1, (1 << keys.Count) - 1)
            select (object)$"{{{string.Join(", ", keys.Where((_, index) => (set >> index & 1) == 1).Select(key => $"{key}: {value}"))}}}";
    }

    private static bool Fits(ColumnType type, object value)
    {
        try
        {
            return value is not string { Length: var length } || type.Length is not { } most || length <= most
                ? !FieldCodec.IsNothing(value, type) && FieldCodec.Encode(type, value) is not null
                : false;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static IReadOnlyList<SqlToken> TokensOf(string expression)
    {
        try
        {
            return SqlTokenizer.Tokenize(expression);
        }
        catch (FormatException)
        {
            return [];
        }
    }
}
