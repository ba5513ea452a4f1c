using System.Text.RegularExpressions;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Sql;

/// <summary>
/// Casts to types of the model in expressions of metadata. Such a type is in the schema of its tables, whichever that is and whatever
/// search_path a session has: <c>'ok'::mood</c> and <c>'ok'::old_schema.mood</c> become <c>'ok'::"new_schema"."mood"</c>.
/// </summary>
internal static partial class OwnTypes
{
    /// <summary>An expression about columns of these types.</summary>
    public static string Qualify(string schema, string expression, IEnumerable<ColumnType> types)
    {
        if (!expression.Contains("::", StringComparison.Ordinal) && !expression.Contains("cast", StringComparison.OrdinalIgnoreCase))
        {
            return expression;
        }

        var names = types.SelectMany(Names).ToHashSet(StringComparer.Ordinal);
        return names.Count == 0 ? expression : Cast().Replace(expression, match =>
            match.Groups["type"] is { Success: true } type && NameOf(type.Value) is var name && names.Contains(name)
                ? match.Groups["before"].Value + Identifier.Quote(schema, name)
                : match.Value);
    }

    private static IEnumerable<string> Names(ColumnType? type)
    {
        for (; type is not null; type = type.UserType?.Base ?? type.Element)
        {
            if (type.UserType is { Schema: null } own)
            {
                yield return own.Name;
            }
        }
    }

    /// <summary>The name as the catalog has it.</summary>
    private static string NameOf(string identifier) => identifier[0] == '"'
        ? identifier[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal)
        : identifier.ToLowerInvariant();

    // Texts, quoted names and comments come first, since what looks like a cast inside of them is none.
    [GeneratedRegex(
        """
        [eE]'(?:[^'\\]|\\.|'')*'
        | '(?:[^']|'')*'
        | --[^\n]*
        | (?<before>::\s*|(?i:\bAS\s+))(?:(?:"(?:[^"]|"")+"|\w[\w$]*)\s*\.\s*)?(?<type>"(?:[^"]|"")+"|[\p{L}_][\w$]*)
        | "(?:[^"]|"")*"
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Cast();
}
