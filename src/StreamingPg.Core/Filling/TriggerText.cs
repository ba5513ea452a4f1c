using System.Globalization;
using System.Text.RegularExpressions;

namespace StreamingPg.Core.Filling;

/// <summary>
/// Reads what the source of a trigger function compares columns of the new row with: columns of a table that it looks rows up in, and
/// constants. What it does with them is not understood: whether rows that fit are accepted, only the server can say.
/// </summary>
internal static partial class TriggerText
{
    private const int Patience = 250; // milliseconds

    /// <summary>What a function compares the new row with.</summary>
    /// <param name="source">The source of the function, in PL/pgSQL.</param>
    /// <param name="arguments">The arguments of the trigger, which may name columns.</param>
    /// <returns>Nothing of a source that takes too long to read: anybody may write any.</returns>
    public static IReadOnlyList<TriggerComparison> Read(string source, IReadOnlyList<string> arguments)
    {
        try
        {
            return Find(source, arguments);
        }
        catch (RegexMatchTimeoutException)
        {
            return [];
        }
    }

    /// <summary>The tables, without their schemas, that a function adds rows to.</summary>
    public static IReadOnlyList<string> Inserts(string source)
    {
        try
        {
            return [.. Inserted().Matches(Comments().Replace(source, " ")).Select(match => Name(match.Groups["table"].Value))];
        }
        catch (RegexMatchTimeoutException)
        {
            return [];
        }
    }

    private static List<TriggerComparison> Find(string source, IReadOnlyList<string> arguments)
    {
        var found = new List<TriggerComparison>();
        var columns = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase); // the column of the new row that a variable holds
        foreach (var statement in Comments().Replace(source, " ").Split(';'))
        {
            if (Assignment().Match(statement) is { Success: true } assigned)
            {
                columns[assigned.Groups["variable"].Value] = assigned.Groups["column"].Value;
            }

            if (OfArgument().Match(statement) is { Success: true } named && int.TryParse(named.Groups["index"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < arguments.Count)
            {
                columns[named.Groups["variable"].Value] = arguments[index];
            }

            found.AddRange(Lookups(statement, columns));
            found.AddRange(Constants(statement));
        }

        return found;
    }

    /// <summary>Rows that a statement looks up: all comparisons with one table belong together.</summary>
    private static IEnumerable<TriggerComparison> Lookups(string statement, Dictionary<string, string> variables)
    {
        var tables = Tables().Matches(statement).Select(match => (Name: match.Groups["table"].Value, Alias: match.Groups["alias"].Value)).ToList();
        if (tables.Count == 0)
        {
            return [];
        }

        var pairs = new List<(string Table, string Column, string Parent)>();
        foreach (Match match in Equalities().Matches(statement))
        {
            foreach (var (own, other) in new[] { (match.Groups["left"].Value, match.Groups["right"].Value), (match.Groups["right"].Value, match.Groups["left"].Value) })
            {
                var column = own.StartsWith("NEW.", StringComparison.OrdinalIgnoreCase) ? Name(own) : variables.GetValueOrDefault(own);
                if (column is null || other.StartsWith("NEW.", StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                var qualifier = Qualifier(other);
                var table = qualifier.Length == 0 ? tables[0].Name
                    : tables.Find(table => table.Alias.Equals(qualifier, StringComparison.OrdinalIgnoreCase) || Name(table.Name).Equals(qualifier, StringComparison.OrdinalIgnoreCase)).Name;
                if (table is not null)
                {
                    pairs.Add((table, column, Name(other)));
                }
            }
        }

        return pairs.GroupBy(pair => pair.Table, StringComparer.Ordinal).Select(group =>
        {
            var columns = group.DistinctBy(pair => pair.Column).DistinctBy(pair => pair.Parent).ToList();
            return new TriggerComparison(Qualifier(group.Key), Name(group.Key), [.. columns.Select(pair => pair.Column)], [.. columns.Select(pair => pair.Parent)], []);
        });
    }

    private static IEnumerable<TriggerComparison> Constants(string statement) =>
        from Match match in Listed().Matches(statement)
        let values = Literals().Matches(match.Groups["values"].Value).Select(literal => literal.Groups["value"].Value.Replace("''", "'", StringComparison.Ordinal)).ToList()
        where values.Count > 0
        select new TriggerComparison("", "", [Name(match.Groups["column"].Value)], [], values);

    private static string Qualifier(string name) => name.LastIndexOf('.') is >= 0 and var dot ? Name(name[..dot]) : "";

    /// <summary>The last part of a name, as the catalog has it.</summary>
    private static string Name(string name)
    {
        var last = name[(name.LastIndexOf('.') + 1)..];
        return last.StartsWith('"') ? last.Trim('"') : last.ToLowerInvariant();
    }

    [GeneratedRegex("""--[^\n]*|/\*.*?\*/""", RegexOptions.Singleline, Patience)]
    private static partial Regex Comments();

    [GeneratedRegex("""^\s*(?:.*\bBEGIN\s+|.*\bTHEN\s+)?(?<variable>\w+)\s*:?=\s*NEW\.(?<column>\w+)\s*$""", RegexOptions.IgnoreCase | RegexOptions.Singleline, Patience)]
    private static partial Regex Assignment();

    [GeneratedRegex("""\bTG_ARGV\s*\[\s*(?<index>[0-9]+)\s*\].*\bINTO\s+(?:STRICT\s+)?(?<variable>\w+)""", RegexOptions.IgnoreCase | RegexOptions.Singleline, Patience)]
    private static partial Regex OfArgument();

    [GeneratedRegex("""\b(?:FROM|JOIN)\s+(?:ONLY\s+)?(?<table>(?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+))?)(?!\s*\()(?:\s+(?:AS\s+)?(?!(?:WHERE|JOIN|LEFT|INNER|ON|LIMIT|FOR|GROUP|ORDER|INTO)\b)(?<alias>\w+))?""", RegexOptions.IgnoreCase, Patience)]
    private static partial Regex Tables();

    [GeneratedRegex("""(?<left>(?:(?:"[^"]+"|\w+)\.)?(?:"[^"]+"|\w+))\s*(?<![<>!:])=(?!>)\s*(?<right>(?:(?:"[^"]+"|\w+)\.)?(?:"[^"]+"|\w+))(?!\s*\()""", RegexOptions.IgnoreCase, Patience)]
    private static partial Regex Equalities();

    [GeneratedRegex("""\bINSERT\s+INTO\s+(?<table>(?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+))?)""", RegexOptions.IgnoreCase, Patience)]
    private static partial Regex Inserted();

    [GeneratedRegex("""\bNEW\.(?<column>"[^"]+"|\w+)(?:\s*::\s*\w+)?\s*(?:(?:NOT\s+)?IN\s*\((?<values>[^()]*)\)|(?:=|<>|!=)\s*(?<values>'(?:[^']|'')*'))""", RegexOptions.IgnoreCase, Patience)]
    private static partial Regex Listed();

    [GeneratedRegex("""'(?<value>(?:[^']|'')*)'""", RegexOptions.None, Patience)]
    private static partial Regex Literals();
}

/// <summary>What a trigger function compares columns of the new row with.</summary>
/// <param name="Schema">The schema of the table that it looks rows up in, as the source names it; empty where it does not.</param>
/// <param name="Table">The table; empty for constants.</param>
/// <param name="Columns">The columns of the new row.</param>
/// <param name="ParentColumns">The columns of the table, in the same order; none for constants.</param>
/// <param name="Values">The constants.</param>
internal sealed record TriggerComparison(
    string Schema, string Table, IReadOnlyList<string> Columns, IReadOnlyList<string> ParentColumns, IReadOnlyList<string> Values);
