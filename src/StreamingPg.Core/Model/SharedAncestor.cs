namespace StreamingPg.Core.Model;

/// <summary>
/// A table that refers to an ancestor both straight and through one of its parents: the two must agree. In the default
/// model a line item refers to a user straight and through its transaction, so its user is its transaction's user.
/// </summary>
/// <param name="Columns">Columns of the table that refer to the ancestor straight.</param>
/// <param name="Straight">The foreign key made of <paramref name="Columns"/>.</param>
/// <param name="Via">The foreign key to the parent that also refers to the ancestor.</param>
/// <param name="ParentColumns">Columns of that parent which <paramref name="Columns"/> must equal, in their order.</param>
public sealed record SharedAncestor(
    IReadOnlyList<string> Columns,
    ForeignKeyModel Straight,
    ForeignKeyModel Via,
    IReadOnlyList<string> ParentColumns)
{
    /// <summary>
    /// The agreements that the keys of <paramref name="table"/> call for. Where a table refers to the same ancestor several
    /// times (sender and receiver), only columns of the same name are paired: the keys alone do not say which is meant.
    /// </summary>
    public static IReadOnlyList<SharedAncestor> Of(StreamModel model, TableModel table)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(table);
        return [..
            from via in table.ForeignKeys
            let parent = model.Table(via.ParentTable)
            from straight in table.ForeignKeys
            where straight != via
            from parentKey in parent.ForeignKeys
            where RefersAlike(straight, parentKey)
            let parentColumns = InOrderOf(straight, parentKey)
            where straight.Columns.SequenceEqual(parentColumns) || IsOnlyWay(table, straight) && IsOnlyWay(parent, parentKey)
            where !ImpliedByKey(straight, via, parentColumns)
            select new SharedAncestor(straight.Columns, straight, via, parentColumns)];
    }

    private static bool RefersAlike(ForeignKeyModel one, ForeignKeyModel other) =>
        one.ParentTable == other.ParentTable && one.ParentColumns.ToHashSet().SetEquals(other.ParentColumns);

    /// <summary>The columns of <paramref name="parentKey"/>, each at the place of the column that holds the same value.</summary>
    private static string[] InOrderOf(ForeignKeyModel straight, ForeignKeyModel parentKey) =>
        [.. straight.ParentColumns.Select(column => parentKey.Columns[parentKey.ParentColumns.ToList().IndexOf(column)])];

    private static bool IsOnlyWay(TableModel table, ForeignKeyModel key) =>
        table.ForeignKeys.Count(other => other.ParentTable == key.ParentTable) == 1;

    /// <summary>True when <paramref name="via"/> itself already makes the columns equal, as a shared part of a composite key does.</summary>
    private static bool ImpliedByKey(ForeignKeyModel straight, ForeignKeyModel via, string[] parentColumns) =>
        straight.Columns.Zip(parentColumns).All(pair => via.Columns.Zip(via.ParentColumns).Contains(pair));
}
