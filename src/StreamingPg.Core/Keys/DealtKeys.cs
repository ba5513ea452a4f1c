using StreamingPg.Core.Model;

namespace StreamingPg.Core.Keys;

/// <summary>Says which tables have their rows dealt out to the parents in order, so that the children of a parent can be known before
/// they are made.</summary>
internal static class DealtKeys
{
    private static readonly OncePerModel<ForeignKeyModel?> Known = new(Find);

    /// <summary>The foreign key by which the rows of a table are dealt out, or null.</summary>
    public static ForeignKeyModel? Of(StreamModel model, TableModel table) => Known.Of(model, table);

    private static ForeignKeyModel? Find(StreamModel model, TableModel table) =>
        PerParent(table) ?? SummedUp(model, table) ?? Numbered(table) ?? ChosenFrom(model, table);

    private static ForeignKeyModel? PerParent(TableModel table) => table.PerParent is { } counts
        ? Keys(table).FirstOrDefault(key => counts.Parent is null || key.ParentTable == counts.Parent)
        : null;

    /// <summary>A parent's column is the sum over these rows.</summary>
    private static ForeignKeyModel? SummedUp(StreamModel model, TableModel table) => Keys(table).FirstOrDefault(key =>
        model.Table(key.ParentTable).Columns.Any(column => column.SumOf?.Table == table.Name));

    /// <summary>A number, or one of few values, tells the rows of one parent apart.</summary>
    private static ForeignKeyModel? Numbered(TableModel table) => RowNumbers.Of(table) is { } numbers
        ? Keys(table).FirstOrDefault(key => key.Columns.ToHashSet().SetEquals(numbers.Within))
        : KeyWithinParent.Of(table)?.Key;

    /// <summary>In a cycle, each parent refers to another one of its rows: each must have one.</summary>
    private static ForeignKeyModel? ChosenFrom(StreamModel model, TableModel table) =>
        Keys(table).FirstOrDefault(key => WayBack(table, key.ParentTable) == key && model.Table(key.ParentTable) is var parent
            && UniqueKeySet.Of(parent).Any(set => set.Keys.Any(later => later.IsLoadedLater && later.ParentTable == table.Name)));

    /// <summary>The only key by which rows of a table refer to another one, or null.</summary>
    public static ForeignKeyModel? WayBack(TableModel table, string parent)
    {
        var back = table.ForeignKeys.Where(key => !key.IsLoadedLater && key.ParentTable == parent).ToList();
        return back.Count == 1 ? back[0] : null;
    }

    private static IEnumerable<ForeignKeyModel> Keys(TableModel table) =>
        table.ForeignKeys.Where(key => !key.IsLoadedLater && key.ParentTable != table.Name);
}
