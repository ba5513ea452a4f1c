using StreamingPg.Core.Catalog;
using StreamingPg.Core.Checks;

namespace StreamingPg.Core.Discovery;

/// <summary>
/// What rows must satisfy to have a partition, column by column, where partitions may have partitions: rules such that a row that satisfies
/// all of them ends up in a partition that holds rows.
/// </summary>
internal sealed class PartitionTree
{
    private readonly ILookup<string, LivePartition> _children;

    private PartitionTree(LiveTable table) => _children = table.Partitions.ToLookup(partition => partition.Parent, StringComparer.Ordinal);

    /// <summary>One list of alternatives per column, each alternative the rules of one partition; null when bounds are not understood.</summary>
    public static IReadOnlyList<IReadOnlyList<List<CheckRule>>>? Read(LiveTable table) => new PartitionTree(table).Below(table.Name);

    private List<IReadOnlyList<List<CheckRule>>>? Below(string parent)
    {
        var partitions = _children[parent].ToList();
        if (partitions.Count == 0)
        {
            return [];
        }

        var below = partitions.ConvertAll(partition => (Partition: partition, Lower: partition.IsLeaf ? [] : _children[partition.Name].Any() ? Below(partition.Name) : null));

        if (OfOneColumn(below) is { } ofOne)
        {
            return ofOne;
        }

        // Partitions that ask the same of their rows, apart from their own bounds, go together; the largest such group is filled.
        var groups = below.Where(entry => entry.Lower is not null).GroupBy(entry => Signature(entry.Lower!)).ToList();
        if (groups.Count == 0)
        {
            return null;
        }

        var group = groups.OrderByDescending(entries => entries.Count()).ThenByDescending(entries => entries.Any(entry => entry.Partition.IsDefault)).First();
        var rest = group.First().Lower!;
        if (groups.Count == 1 && group.Count() == below.Count && group.Any(entry => entry.Partition is { IsDefault: true } or { IsByHash: true }))
        {
            return rest; // every row has a partition here
        }

        var bounded = group.Where(entry => entry.Partition is { IsDefault: false, IsByHash: false }).ToList();
        return bounded.Count == 0 ? null : [bounded.ConvertAll(entry => Rules(entry.Partition)), .. rest];
    }

    /// <summary>A year of months of days: bounds of one column on all levels are those of the partitions that hold rows.</summary>
    private static List<IReadOnlyList<List<CheckRule>>>? OfOneColumn(List<(LivePartition Partition, List<IReadOnlyList<List<CheckRule>>>? Lower)> below)
    {
        var bounded = below.FindAll(entry => entry.Partition is { IsDefault: false, IsByHash: false } && entry.Lower is not null);
        return bounded.Count > 0 && bounded.Exists(entry => entry.Lower!.Count == 1) && bounded.TrueForAll(entry => entry.Lower!.Count == 0
                || (entry.Lower is [var only] && only.All(rules => rules.TrueForAll(rule => entry.Partition.KeyColumns is [var column] && rule.Column == column))))
            ? [bounded.SelectMany(entry => entry.Lower is [var only] ? only : [Rules(entry.Partition)]).ToList()]
            : null;
    }

    /// <summary>What the bounds of a partition itself ask, of the column that it is chosen by.</summary>
    private static List<CheckRule> Rules(LivePartition partition) =>
        [.. CheckReader.Read(partition.Expression!).Rules.Where(rule => rule.Kind != CheckRuleKind.NotNull && partition.KeyColumns.Contains(rule.Column))
            .GroupBy(rule => rule.Kind).Select(rules => rules.Last())];

    private static string Signature(List<IReadOnlyList<List<CheckRule>>> rest) => string.Join(
        '|', rest.Select(column => string.Join(';', column.Select(rules => string.Join(',', rules.Select(rule => $"{rule.Column}{rule.Kind}{string.Join('\u001f', rule.Operands)}"))))));
}
