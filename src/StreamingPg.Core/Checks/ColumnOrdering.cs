using StreamingPg.Core.Model;

namespace StreamingPg.Core.Checks;

/// <summary>Makes one column of a row never exceed another: a time follows the other, numbers get ranges that do not overlap.</summary>
internal static class ColumnOrdering
{
    private const decimal UsualWidth = 1000;

    /// <summary>The two columns, narrowed.</summary>
    /// <param name="lower">The column that must not exceed the other.</param>
    /// <param name="upper">The other column.</param>
    /// <param name="isStrict">True when they must differ.</param>
    /// <exception cref="FormatException">That cannot be promised; the message is a clause.</exception>
    public static (ColumnModel Lower, ColumnModel Upper) Apply(ColumnModel lower, ColumnModel upper, bool isStrict)
    {
        if ((lower.Generator is not null && upper.Generator is not null) || lower.HasRule || upper.HasRule)
        {
            return (lower, upper); // who names the generators, or writes a rule, knows what they make
        }

        if (!ValueLine.Has(lower.Type) || !ValueLine.Has(upper.Type) || IsFixed(lower) || IsFixed(upper))
        {
            throw new FormatException($"the order of \"{lower.Name}\" and \"{upper.Name}\" cannot be generated");
        }

        if (upper.After is { Table: null } after && after.Column == lower.Name)
        {
            return (lower, upper with { After = after with { IsStrict = after.IsStrict || isStrict } }); // it follows already
        }

        return FollowsInTime(lower) && FollowsInTime(upper) && lower.Type.Kind == upper.Type.Kind && IsFree(upper) && lower.After?.Column != upper.Name
            ? (Capped(lower, upper), upper with { After = new AfterModel(null, lower.Name, null) { IsStrict = isStrict }, Minimum = null, Maximum = null })
            : Split(lower, upper, isStrict);
    }

    private static bool IsFixed(ColumnModel column) =>
        column.IsAutoIncrement || column.Expression is not null || column.SumOf is not null || column.EqualsParent is not null || column.Pattern is not null
        || column.Values is not null;

    private static bool FollowsInTime(ColumnModel column) => column.Type.IsTimestamp || column.Type.Kind == ColumnKind.Date;

    private static bool IsFree(ColumnModel column) => column is { After: null, Distribution: null, Maximum: null };

    /// <summary>What follows the lower column is at least its least value too.</summary>
    private static ColumnModel Capped(ColumnModel lower, ColumnModel upper)
    {
        var (own, other) = (ColumnNarrowing.Bound(lower, lower.Minimum), ColumnNarrowing.Bound(upper, upper.Minimum));
        return other is null || own >= other ? lower : ColumnNarrowing.Bounded(lower, other, ColumnNarrowing.Bound(lower, lower.Maximum));
    }

    private static (ColumnModel Lower, ColumnModel Upper) Split(ColumnModel lower, ColumnModel upper, bool isStrict)
    {
        if (lower.After is not null || upper.After is not null)
        {
            throw new FormatException($"\"{lower.Name}\" and \"{upper.Name}\" already follow other times");
        }

        var (lowerMin, lowerMax) = (ColumnNarrowing.Bound(lower, lower.Minimum), ColumnNarrowing.Bound(lower, lower.Maximum));
        var (upperMin, upperMax) = (ColumnNarrowing.Bound(upper, upper.Minimum), ColumnNarrowing.Bound(upper, upper.Maximum));
        if (FollowsInTime(lower) && (lowerMin ?? upperMin) is null)
        {
            throw new FormatException($"\"{lower.Name}\" and \"{upper.Name}\" are times without a \"min\"");
        }

        var from = Greater(lowerMin, upperMin) ?? (Lesser(lowerMax, upperMax) is { } most and <= 0 ? most - UsualWidth : 0);
        var to = Lesser(lowerMax, upperMax) ?? Math.Min(from + UsualWidth, Largest(upper.Type));
        var middle = ValueLine.AtMost(lower.Type, from + ((to - from) / 2), less: false);
        var above = ValueLine.AtLeast(upper.Type, middle, more: isStrict);
        return from <= to && above <= (upperMax ?? to) && middle >= (lowerMin ?? from)
            ? (ColumnNarrowing.Bounded(lower, lowerMin ?? from, middle), ColumnNarrowing.Bounded(upper, above, upperMax ?? to))
            : throw new FormatException($"the bounds of \"{lower.Name}\" and \"{upper.Name}\" contradict their order");
    }

    private static decimal Largest(ColumnType type) => type switch
    {
        { Kind: ColumnKind.Decimal, Precision: { } precision } => (decimal)Math.Pow(10, Math.Min(precision - (type.Scale ?? 0), 12)) - 1,
        { Kind: ColumnKind.SmallInteger } => short.MaxValue,
        _ => int.MaxValue,
    };

    private static decimal? Greater(decimal? one, decimal? other) => one is null ? other : other is null ? one : Math.Max(one.Value, other.Value);

    private static decimal? Lesser(decimal? one, decimal? other) => one is null ? other : other is null ? one : Math.Min(one.Value, other.Value);
}
