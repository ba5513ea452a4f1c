using System.Text.Json.Nodes;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Checks;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Discovery;

/// <summary>Which values of the column that a table is partitioned by have a partition.</summary>
internal sealed class PartitionBounds
{
    private readonly ColumnType _type;

    private PartitionBounds(ColumnType type) => _type = type;

    private IReadOnlyList<string> Values { get; init; } = [];

    private decimal? Minimum { get; init; }

    private decimal? Maximum { get; init; }

    /// <summary>The bounds by column; empty when every row has a partition.</summary>
    public static IReadOnlyDictionary<string, PartitionBounds> Of(LiveTable table, List<DiscoveryNote> notes)
    {
        var bounds = new Dictionary<string, PartitionBounds>(StringComparer.Ordinal);
        LiveColumn? column = null;
        if (PartitionTree.Read(table) is { } tree)
        {
            foreach (var alternatives in tree)
            {
                var rules = alternatives.ToList();
                var columns = rules.SelectMany(list => list).Select(rule => rule.Column).Distinct(StringComparer.Ordinal).ToList();
                column = columns.Count == 1 ? table.Find(columns[0]) : null;
                if (column?.Type is not { } type || !rules.TrueForAll(list => list.Count > 0) || (OfLists(type, rules) ?? OfRanges(type, rules)) is not { } found)
                {
                    bounds.Clear();
                    break;
                }

                bounds[column.Name] = found;
            }

            if (tree.Count == bounds.Count)
            {
                return bounds;
            }
        }

        notes.Add(new DiscoveryNote(
            table.Name,
            column?.Name,
            "its partition bounds are not supported, so rows without a partition may be generated, which the server rejects.",
            "Add a DEFAULT partition, or limit the column with \"min\" and \"max\" or \"values\" in the metadata."));
        return bounds;
    }

    /// <summary>Adds the bounds to a column's metadata.</summary>
    public void AddTo(JsonObject column)
    {
        if (Values.Count > 0)
        {
            column["values"] = new JsonArray([.. Values.Select(value => JsonValues.Of(_type, value))]);
        }

        if (Minimum is { } minimum)
        {
            column["min"] = JsonValues.Of(ValueLine.Spell(_type, minimum));
        }

        if (Maximum is { } maximum)
        {
            column["max"] = JsonValues.Of(ValueLine.Spell(_type, maximum));
        }
    }

    private static PartitionBounds? OfLists(ColumnType type, List<List<CheckRule>> rules) =>
        rules.TrueForAll(list => list is [{ Kind: CheckRuleKind.OneOf }])
            ? new PartitionBounds(type) { Values = [.. rules.SelectMany(list => list[0].Operands).Distinct(StringComparer.Ordinal)] }
            : null;

    /// <summary>The longest run of ranges without a gap, and of several the last.</summary>
    private static PartitionBounds? OfRanges(ColumnType type, List<List<CheckRule>> rules)
    {
        if (!ValueLine.Has(type) || rules.Exists(list => list.Exists(rule => rule.Kind is not (CheckRuleKind.AtLeast or CheckRuleKind.LessThan))))
        {
            return null;
        }

        var ranges = rules.ConvertAll(list => (
            From: Bound(type, list, CheckRuleKind.AtLeast, decimal.MinValue), To: Bound(type, list, CheckRuleKind.LessThan, decimal.MaxValue)));
        if (ranges.Exists(range => range.From is null || range.To is null))
        {
            return null;
        }

        var runs = new List<(decimal From, decimal To)>();
        foreach (var (from, to) in ranges.Select(range => (range.From!.Value, range.To!.Value)).Order())
        {
            if (runs.Count > 0 && runs[^1].To >= from)
            {
                runs[^1] = (runs[^1].From, Math.Max(runs[^1].To, to));
            }
            else
            {
                runs.Add((from, to));
            }
        }

        var longest = runs.OrderBy(run => Length(run.From, run.To)).Last();
        return new PartitionBounds(type)
        {
            Minimum = longest.From == decimal.MinValue ? null : longest.From,
            Maximum = longest.To == decimal.MaxValue ? null : ValueLine.AtMost(type, longest.To, less: true),
        };
    }

    private static double Length(decimal from, decimal to) => (double)to - (double)from;

    private static decimal? Bound(ColumnType type, List<CheckRule> rules, CheckRuleKind kind, decimal unbounded) =>
        rules.Find(rule => rule.Kind == kind) is { } rule ? ValueLine.Place(type, rule.Operand) : unbounded;
}
