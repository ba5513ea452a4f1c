using StreamingPg.Core.Model;

namespace StreamingPg.Core.Keys;

/// <summary>Foreign keys that together are unique: the two of a link table, or the one of a one-to-one reference.</summary>
/// <param name="Columns">The unique columns, each of which belongs to a foreign key.</param>
/// <param name="Keys">The foreign keys, in the order of the table.</param>
internal sealed record UniqueKeySet(IReadOnlyList<string> Columns, IReadOnlyList<ForeignKeyModel> Keys)
{
    /// <summary>What the taken combinations of a table are kept under.</summary>
    public string NameIn(TableModel table) => $"{table.Name}({string.Join(',', Columns)})";

    /// <summary>The unique sets of a table; one that holds another says nothing more, and one with a column that refers to nothing is
    /// for that column's values to keep.</summary>
    public static IReadOnlyList<UniqueKeySet> Of(TableModel table)
    {
        var referring = table.ForeignKeys.SelectMany(key => key.Columns).ToHashSet(StringComparer.Ordinal);
        var sets = table.UniqueSets().Where(columns => columns.All(referring.Contains)).ToList();
        return
        [
            .. from columns in sets
               where !sets.Exists(other => other != columns && other.Count < columns.Count && other.All(columns.Contains))
               let whole = table.ForeignKeys.Where(key => key.Columns.All(columns.Contains)).ToList()
               select new UniqueKeySet(
                   columns,
                   whole.SelectMany(key => key.Columns).ToHashSet().SetEquals(columns)
                       ? whole
                       : [.. table.ForeignKeys.Where(key => key.Columns.Any(columns.Contains))]),
        ];
    }

    /// <summary>The set without the keys that follow from others of it.</summary>
    public UniqueKeySet Without(IReadOnlyDictionary<ForeignKeyModel, SharedAncestor> implied) =>
        this with { Keys = [.. Keys.Where(key => !implied.ContainsKey(key))] };
}
