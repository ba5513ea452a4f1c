using StreamingPg.Core.Model;

namespace StreamingPg.Core.Keys;

/// <summary>A column of whole numbers that, together with the reference to a parent, is unique: the lines of an order, 1, 2, 3.</summary>
/// <param name="Column">The column.</param>
/// <param name="Within">The columns of the foreign key.</param>
internal sealed record RowNumbers(ColumnModel Column, IReadOnlyList<string> Within)
{
    private static readonly OncePerTable<RowNumbers?> Known = new(Find);

    /// <summary>The numbers of a table, or null.</summary>
    public static RowNumbers? Of(TableModel table) => Known.Of(table);

    private static RowNumbers? Find(TableModel table) => table.IsSieved ? null :
        (from unique in table.UniqueSets()
         from key in table.ForeignKeys
         where !key.IsLoadedLater && key.ParentTable != table.Name
         let others = unique.Except(key.Columns).ToList()
         where others.Count == 1 && key.Columns.All(unique.Contains)
         let column = table.Column(others[0])
         where column.Type.IsInteger && !column.IsAutoIncrement && !table.ForeignKeys.Any(other => other.Columns.Contains(column.Name))
             && column is { Generator: null, Values: null, Maximum: null, Distribution: null, IsUnique: false, SumOf: null, EqualsParent: null, HasRule: false }
         select new RowNumbers(column, key.Columns)).FirstOrDefault();
}
