using System.Globalization;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Checks;

/// <summary>Narrows a column of text to a pattern, or to a length.</summary>
internal static class TextNarrowing
{
    /// <summary>The narrowed column.</summary>
    /// <exception cref="FormatException">That cannot be promised; the message is a clause.</exception>
    public static ColumnModel Apply(ColumnModel column, IReadOnlyList<CheckRule> rules)
    {
        if (column.Pattern is not null)
        {
            return column; // who gives a pattern knows what it makes
        }

        if (rules.FirstOrDefault(rule => rule.Kind is CheckRuleKind.AtLeast or CheckRuleKind.MoreThan or CheckRuleKind.AtMost or CheckRuleKind.LessThan) is not null)
        {
            throw new FormatException($"it compares texts of \"{column.Name}\", whose order depends on the server's collation");
        }

        if (rules.Any(rule => rule.Kind is CheckRuleKind.OctetsAtLeast or CheckRuleKind.OctetsAtMost))
        {
            throw new FormatException($"it counts the bytes of \"{column.Name}\", which is text");
        }

        var excluded = rules.Where(rule => rule.Kind == CheckRuleKind.NoneOf).SelectMany(rule => rule.Operands).ToList();
        var least = Lengths(rules, CheckRuleKind.LengthAtLeast).Append(Length(column.Minimum) ?? 0).Append(excluded.Contains("") ? 1 : 0).Max();
        var most = Lengths(rules, CheckRuleKind.LengthAtMost).Append(Length(column.Maximum) ?? int.MaxValue).Append(column.Type.Length ?? int.MaxValue).Min();
        var patterns = rules.Where(rule => rule.Kind == CheckRuleKind.Matches).Select(rule => rule.Operand).Distinct().ToList();
        if (patterns.Count == 0)
        {
            return WithLength(column, least, most, excluded);
        }

        var pattern = SimplePattern.Parse(patterns[0])?.Fit(least, most == int.MaxValue ? null : most);
        var meetsIt = excluded.Exists(text => text.Length > 0 && ValueTest.Satisfies(column.Type, text, CheckRule.Of(column.Name, CheckRuleKind.Matches, patterns[0])));
        return (patterns.Count, pattern, meetsIt) switch
        {
            ( > 1, _, _) => throw new FormatException($"several patterns for \"{column.Name}\" are not supported"),
            (_, null, _) => throw new FormatException($"no text of \"{column.Name}\" satisfies both the pattern and the length"),
            (_, _, true) => throw new FormatException($"excluded texts of \"{column.Name}\" match its pattern"),
            _ => column with
            {
                Pattern = pattern.ToString(),
                CheckedBy = least <= 1 && most == (column.Type.Length ?? int.MaxValue) && excluded.Count == 0 ? patterns[0] : null,
                Minimum = null,
                Maximum = null,
            },
        };
    }

    /// <summary>No text that is made is empty, and none is longer than its type, so that this alone changes nothing.</summary>
    private static ColumnModel WithLength(ColumnModel column, int least, int most, List<string> excluded)
    {
        if (excluded.Exists(text => text.Length > 0))
        {
            throw new FormatException($"excluded texts of \"{column.Name}\" are supported with a list or a pattern only");
        }

        if (least > most)
        {
            throw new FormatException($"no text of \"{column.Name}\" has the required length");
        }

        var saysNothing = least <= 1 && most == (column.Type.Length ?? int.MaxValue);
        return saysNothing ? column : column with
        {
            Minimum = least > 0 ? (decimal)least : column.Minimum,
            Maximum = most < int.MaxValue ? (decimal)most : column.Maximum,
            IsBoundByChecks = ColumnNarrowing.IsUnbounded(column),
        };
    }

    private static IEnumerable<int> Lengths(IReadOnlyList<CheckRule> rules, CheckRuleKind kind) =>
        rules.Where(rule => rule.Kind == kind).Select(rule => int.Parse(rule.Operand, CultureInfo.InvariantCulture));

    private static int? Length(object? bound) => bound is decimal length and >= 0 and <= int.MaxValue ? (int)length : null;
}
