using StreamingPg.Core.Model;

namespace StreamingPg.Core.Retention;

/// <summary>The partitions that retention would drop, and the rows that would go with them: those in them, and parts of these elsewhere.</summary>
internal sealed class PartitionPlan(string schema, PartitionCondition condition)
{
    private readonly Dictionary<string, List<PartitionPeriod>> _dropped = new(StringComparer.Ordinal);

    /// <summary>Adds the partitions of a period, after those of earlier ones.</summary>
    public void Add(PartitionPeriod period, IEnumerable<TableModel> tables)
    {
        foreach (var table in tables)
        {
            if (!_dropped.TryGetValue(table.Name, out var periods))
            {
                _dropped[table.Name] = periods = [];
            }

            // As few ranges as possible.
            if (periods.Count > 0 && periods[^1].To == period.From)
            {
                periods[^1] = periods[^1] with { To = period.To };
            }
            else
            {
                periods.Add(period);
            }
        }
    }

    /// <summary>The condition under which a row is in one of the partitions; null when none of the table would be dropped.</summary>
    public string? IsInSql(TableModel table, string alias) => _dropped.TryGetValue(table.Name, out var periods)
        ? $"({string.Join(" OR ", periods.Select(period => PartitionCondition.IsInSql(alias, table.Layout.Partition!.Column, period)))})"
        : null;

    /// <summary>The condition under which a row is part of one in the partitions; null for none.</summary>
    public string? IsPartSql(TableModel table, string alias) =>
        condition.WholeOf(table) is { } whole && IsInSql(whole.Whole, "dropped") is { } isIn
            ? $"EXISTS (SELECT FROM {Identifier.Quote(schema, whole.Whole.Name)} AS dropped WHERE {whole.JoinSql("dropped", alias)} AND {isIn})"
            : null;

    /// <summary>The condition under which a row would go with a partition; null for none.</summary>
    public string? GoesSql(TableModel table, string alias)
    {
        string[] conditions = [.. new[] { IsInSql(table, alias), IsPartSql(table, alias) }.OfType<string>()];
        return conditions.Length == 0 ? null : $"({string.Join(" OR ", conditions)})";
    }
}
