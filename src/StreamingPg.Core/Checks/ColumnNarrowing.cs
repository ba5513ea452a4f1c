using System.Globalization;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Checks;

/// <summary>Narrows what metadata says of a column until every value satisfies the rules of its CHECKs.</summary>
internal static class ColumnNarrowing
{
    /// <summary>The narrowed column.</summary>
    /// <param name="column">The column.</param>
    /// <param name="rules">What is demanded of it.</param>
    /// <param name="hasParent">True when a parent gives the values.</param>
    /// <exception cref="FormatException">That cannot be promised; the message is a clause.</exception>
    public static ColumnModel Apply(ColumnModel column, IReadOnlyList<CheckRule> rules, bool hasParent)
    {
        var demanded = rules.Where(rule => rule.Kind is not (CheckRuleKind.NotInFuture or CheckRuleKind.AtMostColumn or CheckRuleKind.LessThanColumn)).ToList();
        if (demanded.RemoveAll(rule => rule.Kind == CheckRuleKind.NotNull) > 0 && !column.IsAutoIncrement)
        {
            column = column with { NullRatio = 0, IsNullable = false };
        }

        if (demanded.Count == 0 || column.Generator is not null || column.HasRule)
        {
            return column; // who names a generator, or writes a rule, knows what it makes
        }

        if (column.Expression is not null)
        {
            throw new FormatException($"the server computes \"{column.Name}\"");
        }

        if (column.IsAutoIncrement || hasParent || column.SumOf is not null || column.EqualsParent is not null)
        {
            RequirePositive(column, demanded);
            return column;
        }

        return column.Values is not null ? WithValues(column, column.Values, demanded)
            : demanded.Exists(rule => rule.Kind == CheckRuleKind.OneOf) ? WithValues(column, Listed(column, demanded), demanded) with { IsListedByCheck = column.Type.IsText && IsUnbounded(column) }
            : column.Type.Kind is ColumnKind.Boolean ? WithValues(column, [new(true, 1), new(false, 1)], demanded)
            : column.Type.Kind is ColumnKind.Enum ? WithValues(column, [.. column.Type.Labels.Select(label => new WeightedValue(label, 1))], demanded)
            : ValueLine.Has(column.Type) ? WithBounds(column, demanded)
            : column.Type.IsText ? TextNarrowing.Apply(column, demanded)
            : column.Type.Kind == ColumnKind.Bytea ? WithBytes(column, demanded)
            : throw new FormatException($"bounds on {column.Type.ToSql()} are not supported");
    }

    /// <summary>The value as text, as the server would spell it.</summary>
    public static string Text(object value) => value switch
    {
        bool truth => truth ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => (string)value,
    };

    /// <summary>Sequences count from 1, and sums of our prices are not negative; more is not known of them or of a parent's key.</summary>
    private static void RequirePositive(ColumnModel column, List<CheckRule> rules)
    {
        var least = column.SumOf is null ? "1" : "0";
        var broken = rules.Find(rule => rule.Kind is not (CheckRuleKind.AtLeast or CheckRuleKind.MoreThan or CheckRuleKind.NoneOf)
            || !(rule.Operand.Length == 0 || (ValueLine.Has(column.Type) && ValueTest.Satisfies(column.Type, least, rule))));
        if (broken is not null)
        {
            throw new FormatException($"the values of \"{column.Name}\" come from {(column.IsAutoIncrement ? "a sequence" : "other rows")}");
        }
    }

    private static List<WeightedValue> Listed(ColumnModel column, List<CheckRule> rules) =>
    [
        .. rules.First(rule => rule.Kind == CheckRuleKind.OneOf).Operands.Where(operand => operand != "null").Select(operand => new WeightedValue(
            column.Type.Kind == ColumnKind.Boolean ? operand is "true" or "t"
            : ValueLine.Has(column.Type) && decimal.TryParse(operand, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
            : operand,
            1)),
    ];

    private static ColumnModel WithValues(ColumnModel column, IReadOnlyList<WeightedValue> values, List<CheckRule> rules)
    {
        var allowed = values.Where(value => rules.TrueForAll(rule => ValueTest.Satisfies(column.Type, Text(value.Value), rule))
            && IsWithin(column, Text(value.Value))).ToList();
        return allowed.Sum(value => value.Weight) > 0
            ? column with { Values = allowed, Minimum = null, Maximum = null, Distribution = null, Pattern = null, After = null }
            : throw new FormatException($"no value of \"{column.Name}\" satisfies it and the other rules of the column");
    }

    /// <summary>True when a value lies in the bounds that metadata gives.</summary>
    private static bool IsWithin(ColumnModel column, string value)
    {
        if (!ValueLine.Has(column.Type) || ValueLine.Place(column.Type, value) is not { } place)
        {
            return true;
        }

        return (Bound(column, column.Minimum) ?? place) <= place && place <= (Bound(column, column.Maximum) ?? place);
    }

    /// <summary>The bounds of bytes are their number; length() counts the same.</summary>
    private static ColumnModel WithBytes(ColumnModel column, List<CheckRule> rules)
    {
        var (least, most) = (column.Minimum as decimal? ?? 0, column.Maximum as decimal? ?? BytesColumn.MostLength);
        foreach (var rule in rules)
        {
            (least, most) = rule.Kind switch
            {
                CheckRuleKind.OctetsAtLeast or CheckRuleKind.LengthAtLeast => (Math.Max(least, decimal.Parse(rule.Operand, CultureInfo.InvariantCulture)), most),
                CheckRuleKind.OctetsAtMost or CheckRuleKind.LengthAtMost => (least, Math.Min(most, decimal.Parse(rule.Operand, CultureInfo.InvariantCulture))),
                _ => throw new FormatException($"of {column.Type.ToSql()}, only the number of bytes is supported"),
            };
        }

        return least <= most
            ? column with { Minimum = least, Maximum = most }
            : throw new FormatException($"no value of \"{column.Name}\" has the required number of bytes; {BytesColumn.MostLength} is the maximum");
    }

    private static ColumnModel WithBounds(ColumnModel column, List<CheckRule> rules)
    {
        var (minimum, maximum) = (Bound(column, column.Minimum), Bound(column, column.Maximum));
        foreach (var rule in rules.Where(rule => rule.Kind is not CheckRuleKind.NoneOf))
        {
            var point = ValueLine.Place(column.Type, rule.Operand) ?? throw new FormatException($"{rule.Operand} is no {column.Type.ToSql()}");
            switch (rule.Kind)
            {
                case CheckRuleKind.AtLeast or CheckRuleKind.MoreThan:
                    var least = ValueLine.AtLeast(column.Type, point, more: rule.Kind == CheckRuleKind.MoreThan);
                    minimum = Math.Max(minimum ?? least, least);
                    break;
                case CheckRuleKind.AtMost or CheckRuleKind.LessThan:
                    var most = ValueLine.AtMost(column.Type, point, less: rule.Kind == CheckRuleKind.LessThan);
                    maximum = Math.Min(maximum ?? most, most);
                    break;
                default:
                    throw new FormatException($"\"{column.Name}\" is {column.Type.ToSql()}, but text is required");
            }
        }

        foreach (var excluded in rules.Where(rule => rule.Kind == CheckRuleKind.NoneOf).SelectMany(rule => rule.Operands))
        {
            (minimum, maximum) = Without(column.Type, excluded, minimum, maximum);
        }

        return minimum <= maximum || minimum is null || maximum is null
            ? Bounded(column, minimum, maximum) with { IsBoundByChecks = IsUnbounded(column) }
            : throw new FormatException($"no value of \"{column.Name}\" satisfies it and the other rules of the column");
    }

    /// <summary>True when metadata itself says nothing of the range.</summary>
    public static bool IsUnbounded(ColumnModel column) => column is { Minimum: null, Maximum: null, Distribution: null };

    /// <summary>The column with these bounds; what follows another column keeps to that.</summary>
    public static ColumnModel Bounded(ColumnModel column, decimal? minimum, decimal? maximum) => column with
    {
        Minimum = minimum is { } least ? ValueLine.Spell(column.Type, least) : null,
        Maximum = maximum is { } most ? ValueLine.Spell(column.Type, most) : null,
        IsBoundByChecks = false,
    };

    /// <summary>Where a bound of metadata lies; null for none.</summary>
    public static decimal? Bound(ColumnModel column, object? bound) =>
        bound is null ? null : ValueLine.Place(column.Type, Text(bound)) ?? throw new FormatException($"the bounds of \"{column.Name}\" are not supported");

    /// <summary>The wider side of a value that must not be.</summary>
    private static (decimal? Minimum, decimal? Maximum) Without(ColumnType type, string excluded, decimal? minimum, decimal? maximum)
    {
        if (ValueLine.Place(type, excluded) is not { } point || point < minimum || point > maximum)
        {
            return (minimum, maximum);
        }

        var keepsUpper = maximum is null || (minimum is not null && maximum - point >= point - minimum);
        return keepsUpper
            ? (ValueLine.AtLeast(type, point, more: true), maximum)
            : (minimum, ValueLine.AtMost(type, point, less: true));
    }
}
