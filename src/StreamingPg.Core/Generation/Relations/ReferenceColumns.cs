using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>Makes the values of referring columns: those of the parents that the rows have.</summary>
internal sealed class ReferenceColumns(BatchPlan plan, ParentWiring wiring, ChunkRows rows, IReadOnlyDictionary<string, TableGenerator> tables)
{
    /// <summary>The generator of a column that refers, or numbers the rows of a parent; null when it does neither.</summary>
    /// <param name="generator">Its table.</param>
    /// <param name="column">The column.</param>
    /// <param name="choose">Makes a generator for a column that must have a value where nothing is referred to.</param>
    public ColumnGenerator? Find(TableGenerator generator, ColumnModel column, Func<ColumnGenerator> choose)
    {
        var table = generator.Table;
        if (RowNumbers.Of(table)?.Column == column)
        {
            // Without a parent there are no rows either.
            return rows.Dealt(table) is { } partition ? new RowNumberColumn(table, column, partition, NumbersBefore(table)) : new NullColumn();
        }

        if (column.EqualsParent is { } equal)
        {
            var key = table.KeyTo(equal.Table)!;
            return generator.HasParents(key) ? Value(generator, column, key, equal.Column) : null;
        }

        var keys = table.ForeignKeys.Where(key => key.Columns.Contains(column.Name)).ToList();
        if (keys.Exists(key => key.IsLoadedLater && table.NullableColumns(key).Contains(column.Name)))
        {
            return new NullColumn();
        }

        var sources = Sources(generator, column, keys);
        if (sources.Count == 0)
        {
            // A key column that another table's key takes along has its values made here.
            return keys.Count > 0 && keys.TrueForAll(key => key.IsLoadedLater) ? null : Missing(table, column, keys);
        }

        // A row that is its own parent has its value from nowhere else.
        bool MayBeItself(ParentValue source) => source.Parent == generator && source.Column == table.IndexOf(column.Name);
        var values = sources[0] is { MayBeMissing: false } first && !MayBeItself(first)
            ? new ParentValueColumn(first)
            : (ColumnGenerator)new FirstValueColumn(
                [.. sources], sources.TrueForAll(source => source.MayBeMissing || MayBeItself(source)) && MustHaveValue(table, column) ? choose() : null);
        return NullRatio(generator, column, keys) is { } missing ? new NullableColumn(missing, values) : values;
    }

    /// <summary>The values that a column gets when the rows that it refers to are there; null when it had them from the start.</summary>
    public static ColumnGenerator? FindLater(TableGenerator generator, ColumnModel column)
    {
        var key = generator.Table.ForeignKeys.FirstOrDefault(key =>
            key.IsLoadedLater && generator.Table.NullableColumns(key).Contains(column.Name));
        return key is null ? null : Value(generator, column, key, key.ParentColumns[At(key.Columns, column)]);
    }

    /// <summary>Makes rows whole from the start: what a batch sets when all rows are there stands in them at once.</summary>
    public static void SetLater(TableGenerator generator)
    {
        for (var column = 0; column < generator.Columns.Length; column++)
        {
            generator.Columns[column] = FindLater(generator, generator.Table.Columns[column]) ?? generator.Columns[column];
        }
    }

    /// <summary>The time of the parent that a row's own time follows; null when no parent can be had.</summary>
    public static Func<long, long?>? TimeOfParent(TableGenerator generator, AfterModel after)
    {
        var key = generator.Table.KeyTo(after.Table!)!;
        if (!generator.HasParents(key))
        {
            return null;
        }

        var (picker, parent) = (generator.Parents(key), generator.ParentTable(key));
        var column = parent.Table.IndexOf(after.Column);
        return row => parent.TimeOf(column, picker.Pick(row));
    }

    private static ParentValueColumn Value(TableGenerator generator, ColumnModel column, ForeignKeyModel key, string parentColumn) =>
        new(Source(generator, column, generator.Parents(key), generator.ParentTable(key), parentColumn, mayBeMissing: false));

    private static ParentValue Source(
        TableGenerator generator, ColumnModel column, ParentPicker picker, TableGenerator parent, string parentColumn, bool mayBeMissing)
    {
        var place = parent.Table.IndexOf(parentColumn);
        return new ParentValue(
            picker,
            parent,
            place,
            ReferenceConversion.Find(generator.Table, column, parent.Table, parent.Table.Columns[place]),
            mayBeMissing);
    }

    /// <summary>Where the value may come from. What the parent refers to comes first: a line's user is its transaction's user.</summary>
    private List<ParentValue> Sources(TableGenerator generator, ColumnModel column, List<ForeignKeyModel> keys)
    {
        var table = generator.Table;
        var relations = wiring.Relations(table);
        var sources = new List<ParentValue>();
        foreach (var key in keys.Where(relations.Implied.ContainsKey))
        {
            var shared = relations.Implied[key];
            if (generator.HasParents(shared.Via))
            {
                var picker = shared.Path.Count == 1 && shared.Via.ParentTable != table.Name
                    ? generator.Parents(shared.Via)
                    : new FollowedParent(generator, shared.Path);
                sources.Add(Source(
                    generator,
                    column,
                    picker,
                    tables[shared.Path[^1].ParentTable],
                    shared.ParentColumns[At(shared.Columns, column)],
                    shared.MayBeMissing(plan.Model, table)));
            }
        }

        foreach (var key in keys.Where(key => generator.HasParents(key) && (!key.IsLoadedLater || (!table.IsOptional(key) && !LeadsBack(table, column, key))))
            .OrderBy(relations.Implied.ContainsKey))
        {
            sources.Add(Source(
                generator, column, generator.Parents(key), generator.ParentTable(key), key.ParentColumns[At(key.Columns, column)], table.IsOptional(key)));
        }

        return sources;
    }

    /// <summary>True when the column of the parent has its value, by the parent's own keys, from this very column: then it is made here.</summary>
    private bool LeadsBack(TableModel table, ColumnModel column, ForeignKeyModel key)
    {
        var seen = new HashSet<(string Table, string Column)>();
        var open = new Stack<(string Table, string Column)>([(key.ParentTable, key.ParentColumns[At(key.Columns, column)])]);
        while (open.TryPop(out var place))
        {
            if (place == (table.Name, column.Name))
            {
                return true;
            }

            foreach (var way in plan.Model.Table(place.Table).ForeignKeys.Where(way => way.Columns.Contains(place.Column)))
            {
                var next = (way.ParentTable, way.ParentColumns[way.Columns.ToList().IndexOf(place.Column)]);
                if (seen.Add(next))
                {
                    open.Push(next);
                }
            }
        }

        return false;
    }

    /// <summary>Says in which rows a column is NULL although it follows from a parent that is there.</summary>
    private ParentPicker? NullRatio(TableGenerator generator, ColumnModel column, List<ForeignKeyModel> keys) =>
        keys.FirstOrDefault(key => wiring.Relations(generator.Table).Implied.ContainsKey(key)
            && generator.Table.NullableColumns(key).Contains(column.Name)
            && generator.Table.NullRatio(key) > 0
            && generator.HasParents(key)) is { } key
        ? generator.Parents(key)
        : null;

    /// <summary>No parent can be had: NULL where that is allowed, or where the table has no rows to make.</summary>
    private NullColumn? Missing(TableModel table, ColumnModel column, List<ForeignKeyModel> keys) =>
        keys.Count > 0 && (plan.RowsOf(table.Name) == 0 || !MustHaveValue(table, column)) ? new NullColumn() : null;

    private static bool MustHaveValue(TableModel table, ColumnModel column) =>
        column.IsPrimaryKey || column.IsNullable == false || table.ForeignKeys.All(key =>
            !key.Columns.Contains(column.Name) || !table.NullableColumns(key).Contains(column.Name));

    private Func<long, long>? NumbersBefore(TableModel table)
    {
        var key = rows.DealtKey(table)!;
        return plan.RowsOf(key.ParentTable) > 0 || !plan.NumbersBefore.TryGetValue(table.Name, out var before)
            ? null
            : parent => before[(int)parent];
    }

    private static int At(IReadOnlyList<string> columns, ColumnModel column) => columns.ToList().IndexOf(column.Name);
}
