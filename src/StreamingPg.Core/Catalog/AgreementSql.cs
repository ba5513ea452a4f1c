using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Catalog;

/// <summary>SQL about rows that refer to an ancestor straight and through another parent.</summary>
internal static class AgreementSql
{
    /// <summary>The condition that row <c>c</c> says otherwise than its parent <c>p</c>, or than a row further up to which that one leads.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="table">The table of row <c>c</c>.</param>
    /// <param name="shared">The two ways to the ancestor.</param>
    /// <param name="live">The tables.</param>
    public static string Differs(string schema, string table, SharedAncestor shared, IReadOnlyDictionary<string, LiveTable> live)
    {
        var from = new List<string>();
        var conditions = new List<string>();
        var (last, lastTable) = ("p", shared.Via.ParentTable);
        foreach (var key in shared.Path.Skip(1))
        {
            var next = $"p{from.Count}";
            from.Add($"{Identifier.Quote(schema, key.ParentTable)} AS {next}");
            conditions.Add(live[lastTable].RefersSql(key, last, live[key.ParentTable], next));
            (last, lastTable) = (next, key.ParentTable);
        }

        var differences = string.Join(" OR ", shared.Columns.Zip(
            shared.ParentColumns, (column, parentColumn) =>
                $"NOT ({live[table].Find(column)!.EqualSql("c", live[lastTable].Find(parentColumn)!, last)})"));
        return from.Count == 0
            ? differences
            : $"EXISTS (SELECT FROM {string.Join(", ", from)} WHERE {string.Join(" AND ", conditions)} AND ({differences}))";
    }
}
