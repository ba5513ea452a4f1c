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
        if (table.IsSieved)
        {
            return [];
        }

        var sets = table.UniqueSets().Select(columns => KeptByParents(table, columns)).OfType<IReadOnlyList<string>>()
            .DistinctBy(columns => string.Join('\u001f', columns.Order(StringComparer.Ordinal))).ToList();
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

    /// <summary>
    /// The columns by which parents alone tell rows apart: all of a unique key, or its references where what stands beside several of them
    /// has few values (member, vault and level of access). Null where they do not.
    /// </summary>
    public static IReadOnlyList<string>? KeptByParents(TableModel table, IReadOnlyList<string> unique)
    {
        var referring = table.ForeignKeys.SelectMany(key => key.Columns).ToHashSet(StringComparer.Ordinal);
        List<string> own = [.. unique.Where(referring.Contains)];
        return own.Count == unique.Count ? unique
            : table.ForeignKeys.Count(key => key.ParentTable != table.Name && !key.IsLoadedLater && key.Columns.All(own.Contains)) > 1
                && unique.Except(own).Select(table.Column).All(column => KeyWithinParent.HasFewValues(column) && !table.Refers(column.Name)) ? own
            : null;
    }

    /// <summary>The set without the keys that follow from others of it.</summary>
    public UniqueKeySet Without(IReadOnlyDictionary<ForeignKeyModel, SharedAncestor> implied) =>
        this with { Keys = [.. Keys.Where(key => !implied.ContainsKey(key))] };
}

/// <summary>The columns that tell the rows of a table apart.</summary>
internal static class UniqueSetsOfTable
{
    private static readonly OncePerTable<IReadOnlyList<IReadOnlyList<string>>> Known = new(table =>
    [
        .. table.UniqueKeys.Prepend(table.PrimaryKey).Where(columns => columns.Count > 0)
            .Concat(table.Indexes.Where(index => index.IsUnique).Select(index => index.Columns))
            .Concat(table.Distinct.Select(distinct => distinct.Columns))
            .DistinctBy(columns => string.Join('\u001f', columns.Order(StringComparer.Ordinal))),
    ]);

    /// <summary>The primary key, the unique keys and what must be distinct beside them, the primary key first.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> UniqueSets(this TableModel table) => Known.Of(table);

    /// <summary>The function after which the texts of one of <see cref="UniqueSets"/> must still be different; null for none.</summary>
    public static string? FoldOf(this TableModel table, IReadOnlyList<string> columns) =>
        table.Distinct.FirstOrDefault(distinct => distinct.Fold is not null && distinct.Columns.ToHashSet(StringComparer.Ordinal).SetEquals(columns))?.Fold;

    /// <summary>True when the column is unique by itself.</summary>
    public static bool IsUniqueAlone(this TableModel table, ColumnModel column) =>
        table.UniqueSets().Any(set => set.Count == 1 && set[0] == column.Name);

    /// <summary>True when a column's values must be numbered: it is in a key that something else does not keep unique.</summary>
    public static bool MayBeNumbered(this TableModel table, ColumnModel column) =>
        table.UniqueSets().Any(set => set.Contains(column.Name)) && !table.Refers(column.Name);

    /// <summary>True for a column whose value is that of a parent.</summary>
    public static bool Refers(this TableModel table, string column) =>
        table.Column(column).EqualsParent is not null || table.ForeignKeys.Any(key => key.Columns.Contains(column));
}
