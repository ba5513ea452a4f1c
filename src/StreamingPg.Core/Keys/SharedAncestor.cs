using StreamingPg.Core.Model;

namespace StreamingPg.Core.Keys;

/// <summary>
/// A table that refers to an ancestor both straight and through one of its parents: the two must agree. In the default
/// model a line item refers to a user straight and through its transaction, so its user is its transaction's user.
/// </summary>
/// <param name="Columns">Columns of the table that refer to the ancestor straight.</param>
/// <param name="Straight">The foreign key made of <paramref name="Columns"/>.</param>
/// <param name="Path">The foreign keys that lead to the row that also refers to the ancestor, the first being the table's own.</param>
/// <param name="ParentKey">That row's foreign key to the ancestor.</param>
/// <param name="ParentColumns">Columns of that row which <paramref name="Columns"/> must equal, in their order.</param>
internal sealed record SharedAncestor(
    IReadOnlyList<string> Columns,
    ForeignKeyModel Straight,
    IReadOnlyList<ForeignKeyModel> Path,
    ForeignKeyModel ParentKey,
    IReadOnlyList<string> ParentColumns)
{
    private static readonly OncePerModel<IReadOnlyList<SharedAncestor>> Known = new(FindAll);
    private static readonly OncePerModel<IReadOnlyList<SharedAncestor>> NotImplied =
        new((model, table) => [.. All(model, table).Where(shared => !shared.IsImpliedByKey)]);

    /// <summary>The foreign key to the parent through which the ancestor is reached.</summary>
    public ForeignKeyModel Via => Path[0];

    /// <summary>
    /// True when <see cref="Via"/> itself already makes the columns equal, as a shared part of a composite key does.
    /// </summary>
    public bool IsImpliedByKey => Path.Count == 1 && Columns.Zip(ParentColumns).All(pair => Via.Columns.Zip(Via.ParentColumns).Contains(pair));

    /// <summary>True when some rows may lack the way to the ancestor, and then refer to it as they like.</summary>
    public bool MayBeMissing(StreamModel model, TableModel table)
    {
        ArgumentNullException.ThrowIfNull(model);
        foreach (var key in Path.Append(ParentKey))
        {
            if (key.ParentTable == table?.Name || table!.IsOptional(key))
            {
                return true;
            }

            table = model.Table(key.ParentTable);
        }

        return false;
    }

    /// <summary>True when the rows between respect the ancestor's time, so that a row which respects theirs need not look at it.</summary>
    public bool PassesTimeOn(StreamModel model, TableModel table)
    {
        ArgumentNullException.ThrowIfNull(model);
        return !MayBeMissing(model, table)
            && Path.All(key => RowTimestamp.Of(model.Table(key.ParentTable)) is not null);
    }

    /// <summary>
    /// The agreements that the keys of <paramref name="table"/> call for. Where a table refers to the same ancestor several
    /// times (sender and receiver), only columns of the same name are paired: the keys alone do not say which is meant. A parent
    /// that leads to the ancestor through others counts where that is the only way there.
    /// </summary>
    public static IReadOnlyList<SharedAncestor> Of(StreamModel model, TableModel table) => NotImplied.Of(model, table);

    /// <summary>The agreements, those included that a composite key makes by itself.</summary>
    internal static IReadOnlyList<SharedAncestor> All(StreamModel model, TableModel table) => Known.Of(model, table);

    private static IReadOnlyList<SharedAncestor> FindAll(StreamModel model, TableModel table)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(table);
        return [..
            from via in table.ForeignKeys
            where !via.IsLoadedLater
            from straight in table.ForeignKeys
            where straight != via && !straight.IsLoadedLater && straight.ParentTable != table.Name
            from shared in Through(model, table, via, straight)
            where shared.IsImpliedByKey || !IsFreeToDiffer(table, shared)
            select shared];
    }

    /// <summary>
    /// True where rows are not meant to agree: a vote for a post is not its author's alone when (post, voter) is its key, and who
    /// answers a comment is hardly the one who wrote it. Of several references to the own table one makes the tree.
    /// </summary>
    private static bool IsFreeToDiffer(TableModel table, SharedAncestor shared) =>
        table.MayDisagree
        || shared.Straight.Agreement == ParentAgreement.None
        || (shared.Via.ParentTable == table.Name
            ? PersonKeys.Is(shared.Straight) || shared.Via != table.KeyTo(table.Name)
            : !shared.Columns.SequenceEqual(shared.ParentColumns)
                && table.UniqueSets().Any(set => shared.Columns.Concat(shared.Via.Columns).All(set.Contains)));

    private static IEnumerable<SharedAncestor> Through(StreamModel model, TableModel table, ForeignKeyModel via, ForeignKeyModel straight)
    {
        var parent = model.Table(via.ParentTable);
        var direct = Direct(parent, straight);
        if (direct.Count > 0)
        {
            return
                from parentKey in direct
                let parentColumns = InOrderOf(straight, parentKey)
                where straight.Columns.SequenceEqual(parentColumns) || IsOnlyWay(table, straight) && IsOnlyWay(parent, parentKey)
                select new SharedAncestor(straight.Columns, straight, [via], parentKey, parentColumns);
        }

        return IsOnlyWay(table, straight) && parent.Name != table.Name && OnlyWay(model, parent, straight, new(StringComparer.Ordinal)) is { Count: > 0 } way
            ? [new SharedAncestor(straight.Columns, straight, [via, .. way.SkipLast(1)], way[^1], InOrderOf(straight, way[^1]))]
            : [];
    }

    /// <summary>The keys that lead from a table to the ancestor where there is one way only; none when there is no way, null when there
    /// are several.</summary>
    private static IReadOnlyList<ForeignKeyModel>? OnlyWay(
        StreamModel model, TableModel table, ForeignKeyModel straight, Dictionary<string, IReadOnlyList<ForeignKeyModel>?> known)
    {
        if (!known.TryGetValue(table.Name, out var way))
        {
            known[table.Name] = way = FindOnlyWay(model, table, straight, known);
        }

        return way;
    }

    private static IReadOnlyList<ForeignKeyModel>? FindOnlyWay(
        StreamModel model, TableModel table, ForeignKeyModel straight, Dictionary<string, IReadOnlyList<ForeignKeyModel>?> known)
    {
        if (Direct(table, straight) is { Count: > 0 } direct)
        {
            return direct.Count == 1 ? direct : null;
        }

        IReadOnlyList<ForeignKeyModel> found = [];
        foreach (var key in table.ForeignKeys.Where(key => !key.IsLoadedLater && key.ParentTable != table.Name))
        {
            var above = OnlyWay(model, model.Table(key.ParentTable), straight, known);
            if (above is null || (above.Count > 0 && found.Count > 0))
            {
                return null;
            }

            found = above.Count > 0 ? [key, .. above] : found;
        }

        return found;
    }

    private static List<ForeignKeyModel> Direct(TableModel table, ForeignKeyModel straight) =>
        [.. table.ForeignKeys.Where(key => !key.IsLoadedLater && RefersAlike(straight, key))];

    private static bool RefersAlike(ForeignKeyModel one, ForeignKeyModel other) =>
        one.ParentTable == other.ParentTable && one.ParentColumns.ToHashSet().SetEquals(other.ParentColumns);

    /// <summary>The columns of <paramref name="parentKey"/>, each at the place of the column that holds the same value.</summary>
    private static string[] InOrderOf(ForeignKeyModel straight, ForeignKeyModel parentKey) =>
        [.. straight.ParentColumns.Select(column => parentKey.Columns[parentKey.ParentColumns.ToList().IndexOf(column)])];

    private static bool IsOnlyWay(TableModel table, ForeignKeyModel key) =>
        table.ForeignKeys.Count(other => other.ParentTable == key.ParentTable) == 1;
}
