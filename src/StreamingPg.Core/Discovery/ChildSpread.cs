using System.Globalization;
using System.Text.Json.Nodes;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Discovery;

/// <summary>How many children the parents of a foreign key have.</summary>
/// <param name="Key">The foreign key.</param>
/// <param name="Counts">Numbers of children, ascending, and how many parents have each.</param>
internal sealed record ChildSpread(LiveForeignKey Key, IReadOnlyList<(long Children, long Parents)> Counts)
{
    // As fine as the histograms of columns.
    private const int MostCounts = 100;

    /// <summary>How many parents are enough to see how the children are spread.</summary>
    public const int Parents = 10_000;

    /// <summary>Children per parent; 0 without parents.</summary>
    public double Mean => Counts.Count == 0 ? 0 : Counts.Sum(count => (double)count.Children * count.Parents) / Counts.Sum(count => count.Parents);

    /// <summary>The query: numbers of children and how many parents have each, ascending. The planner chooses whether it looks the
    /// children of each parent up or reads them all.</summary>
    /// <param name="key">The foreign key.</param>
    /// <param name="table">The table of the children.</param>
    /// <param name="size">About how large the parent table is.</param>
    public static string Sql(LiveForeignKey key, LiveTable table, TableSize size)
    {
        var parents = TableSample.Sql(Identifier.Quote(key.ParentSchema, key.ParentTable), "p", size, Parents);
        var pairs = key.Columns.Zip(key.ParentColumns, (column, parent) => $"c.{Identifier.Quote(column)} {table.Find(column)!.EqualOperator} p.{Identifier.Quote(parent)}");
        var own = key.ParentColumns.Select(column => $"p.{Identifier.Quote(column)}").ToList();
        return $"""
            SELECT children, count(*) FROM (
                SELECT count(c.{Identifier.Quote(key.Columns[0])}) AS children
                FROM {parents} LEFT JOIN {Identifier.Quote(key.Schema, key.Table)} AS c ON {string.Join(" AND ", pairs)}
                WHERE {string.Join(" AND ", own.Select(column => $"{column} IS NOT NULL"))}
                GROUP BY {string.Join(", ", own)}) AS counted
            GROUP BY children ORDER BY children
            """;
    }

    /// <summary>The spread as <c>per_parent</c> of metadata.</summary>
    public JsonObject ToJson()
    {
        var counts = new JsonObject();
        foreach (var (children, parents) in Condensed())
        {
            counts[children.ToString(CultureInfo.InvariantCulture)] = parents;
        }

        return new JsonObject { ["parent"] = Key.ParentTable, ["counts"] = counts };
    }

    /// <summary>Many different numbers as fewer of them: parents of like numbers share their mean, so that the sum stays.</summary>
    private IEnumerable<(long Children, long Parents)> Condensed()
    {
        if (Counts.Count <= MostCounts)
        {
            return Counts;
        }

        var share = Math.Max(1.0, Counts.Sum(count => count.Parents) / (double)MostCounts);
        var groups = new SortedDictionary<long, long>();
        var (parents, children) = (0L, 0.0);
        foreach (var count in Counts)
        {
            parents += count.Parents;
            children += (double)count.Children * count.Parents;
            if (parents >= share || count == Counts[^1])
            {
                var mean = (long)Math.Round(children / parents);
                groups[mean] = groups.GetValueOrDefault(mean) + parents;
                (parents, children) = (0, 0);
            }
        }

        return groups.Select(group => (group.Key, group.Value));
    }
}
