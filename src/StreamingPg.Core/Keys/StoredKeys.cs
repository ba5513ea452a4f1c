using StreamingPg.Core.Model;

namespace StreamingPg.Core.Keys;

/// <summary>
/// The keys that the server has of a model's keys. PostgreSQL allows a unique key of a partitioned table, and Citus one of a distributed
/// table, only with the column by which rows are told apart in it; a foreign key needs such a key to refer to.
/// </summary>
internal static class StoredKeys
{
    /// <summary>The primary key of a table on the server: its own columns, then those that the layout needs.</summary>
    public static IReadOnlyList<string> PrimaryKey(TableModel table) => table.PrimaryKey.Count == 0 ? [] : Unique(table, table.PrimaryKey);

    /// <summary>Columns that are unique together on the server, for columns that are to be unique.</summary>
    public static IReadOnlyList<string> Unique(TableModel table, IReadOnlyList<string> columns) =>
        [.. columns, .. table.Layout.KeyColumns.Except(columns)];

    /// <summary>True when no unique key on the server says that these columns alone are unique.</summary>
    public static bool IsWidened(TableModel table, IReadOnlyList<string> columns) => table.Layout.KeyColumns.Except(columns).Any();

    /// <summary>The columns that are to be unique together and that no unique key on the server keeps so; none for a plain table.</summary>
    public static IEnumerable<IReadOnlyList<string>> Widened(TableModel table) => table.UniqueKeys.Prepend(table.PrimaryKey)
        .Concat(table.Indexes.Where(index => index.IsUnique).Select(index => index.Columns))
        .Where(columns => columns.Count > 0 && IsWidened(table, columns))
        .DistinctBy(columns => string.Join('\u001f', columns.Order(StringComparer.Ordinal)));

    /// <summary>How a table is stored, and which of its unique keys beside the primary key the server does not enforce; empty for a plain table.</summary>
    public static string Describe(TableModel table)
    {
        var widened = Widened(table).Where(columns => columns != table.PrimaryKey).Select(columns => $"({string.Join(", ", columns)})").ToList();
        return table.Layout.Describe() + (widened.Count == 0 ? "" : $"; the server does not keep {string.Join(", ", widened)} unique");
    }

    /// <summary>
    /// A foreign key as the server has it, with the columns that the parent's key has for its layout; null when the server cannot enforce
    /// it, because the rows that refer do not have those columns.
    /// </summary>
    public static ForeignKeyModel? ForeignKey(StreamModel model, TableModel table, ForeignKeyModel key)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(key);
        var parent = model.Table(key.ParentTable);
        var missing = parent.Layout.KeyColumns.Except(key.ParentColumns).ToList();
        var (own, theirs) = (new List<string>(), new List<string>());
        foreach (var column in missing)
        {
            if (SameAsParent(model, table, key, column) is not { } same)
            {
                return null;
            }

            own.Add(same);
            theirs.Add(column);
        }

        var whole = key with { Columns = [.. key.Columns, .. own], ParentColumns = [.. key.ParentColumns, .. theirs] };
        return MayRefer(table.Layout.Distribution, parent.Layout.Distribution, whole) ? whole : null;
    }

    /// <summary>
    /// A foreign key as queries join by it: with the distribution column of the parent, where rows that refer have it. Citus joins tables only by that,
    /// and finds rows by it.
    /// </summary>
    public static ForeignKeyModel Join(StreamModel model, TableModel table, ForeignKeyModel key)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(key);
        return model.Table(key.ParentTable).Layout.Distribution?.Column is { } column && !key.ParentColumns.Contains(column)
            && SameAsParent(model, table, key, column) is { } own
            ? key with { Columns = [.. key.Columns, own], ParentColumns = [.. key.ParentColumns, column] }
            : key;
    }

    /// <summary>True when the rows that refer by a key are on the server of those to which they refer, by the layout of their tables.</summary>
    public static bool AreTogether(StreamModel model, TableModel table, ForeignKeyModel key) =>
        MayRefer(table.Layout.Distribution, model.Table(key.ParentTable).Layout.Distribution, Join(model, table, key));

    /// <summary>True when the server does not enforce a foreign key of the model.</summary>
    public static bool IsUnenforced(StreamModel model, TableModel table, ForeignKeyModel key) =>
        model.HasLayouts && ForeignKey(model, table, key) is null;

    /// <summary>True when rows of a table must be locked by who refers to them: no trigger of the server does.</summary>
    public static bool NeedsLock(StreamModel model, TableModel parent) => model.HasLayouts
        && model.Tables.Any(table => table.ForeignKeys.Any(key => key.ParentTable == parent.Name && ForeignKey(model, table, key) is null));

    /// <summary>The column of a row that has the same value as a column of the parent that it refers to by a key, or null.</summary>
    private static string? SameAsParent(StreamModel model, TableModel table, ForeignKeyModel key, string parentColumn)
    {
        foreach (var shared in SharedAncestor.Of(model, table).Where(shared => shared.Via == key && shared.Path.Count == 1))
        {
            for (var index = 0; index < shared.ParentColumns.Count; index++)
            {
                if (shared.ParentColumns[index] == parentColumn)
                {
                    return shared.Columns[index];
                }
            }
        }

        return null;
    }

    /// <summary>Citus enforces foreign keys to reference tables, and between tables whose rows that refer to each other are on one server.</summary>
    private static bool MayRefer(DistributionLayout? child, DistributionLayout? parent, ForeignKeyModel key) => (child, parent) switch
    {
        (null, null) or (_, { Column: null }) => true,
        (null or { Column: null }, _) => false,
        (_, null) => false,
        ({ Column: { } own }, { Column: { } theirs }) => key.Columns.Zip(key.ParentColumns).Contains((own, theirs)),
    };
}
