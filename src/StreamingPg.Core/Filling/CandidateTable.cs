using System.Globalization;
using System.Text.Json;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Checks;
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

    // Up to this number of keys, all sets are tried.
    private const int MostKeys = 4;

    private static readonly string[] TypesOfJson = ["object", "array", "string", "number", "boolean", "null"];
    private static readonly string[] ValuesOfKeys = ["\"lorem\"", "7", "true", "[]", "{}"];
    private static readonly string[] TriedTexts = ["lorem", "LOREM", "Lorem ipsum", "7", "lorem-ipsum", "lorem_ipsum", "a"];
    private static readonly string[] TriedJson = ["{}", "[]", "\"lorem\"", "7", "true", """{"name": "lorem", "value": 7}""", "[1, 2]"];

    /// <summary>The table whose candidates are made.</summary>
    public static TableModel Of(TableModel table)
    {
        var unread = table.UnreadChecks;
        return table with
        {
            IsSieved = true,
            UnreadChecks = [],
            Columns = [.. table.Columns.Select(column => unread.Where(check => IsAbout(check, column)).ToList() is { Count: > 0 } about ? Vary(table, column, about) : column)],
        };
    }

    private static bool IsAbout(UnreadCheck check, ColumnModel column) =>
        check.Column is { } own ? own == column.Name : SqlConstant.ColumnsOf(check.Expression) is { Count: > 0 } named
            ? named.Contains(column.Name, StringComparer.Ordinal)
            : TokensOf(check.Expression).Any(token => token.Kind is SqlTokenKind.Word or SqlTokenKind.QuotedName && token.Text == column.Name);

    private static ColumnModel Vary(TableModel table, ColumnModel column, List<UnreadCheck> checks)
    {
        if (column is { IsLeftToServer: true } or { IsAutoIncrement: true })
        {
            return column;
        }

        var isKey = table.ForeignKeys.Any(key => key.Columns.Contains(column.Name, StringComparer.Ordinal));
        var tokens = checks.SelectMany(check => TokensOf(check.Expression)).ToList();
        var tried = isKey ? [] : tokens.SelectMany(token => Tried(column.Type, token))
            .Concat(Usual(column.Type)).Concat(Objects(column.Type, tokens)).Where(value => Fits(column.Type, value)).Distinct().ToList();
        return column with
        {
            NullRatio = column is { IsNullable: true, NullRatio: 0 } ? HalfOfThem : column.NullRatio,
            Tried = tried,
        };
    }

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
