using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>The columns that tell the rows of a table apart.</summary>
internal static class UniqueSetsOfTable
{
    private static readonly OncePerTable<IReadOnlyList<IReadOnlyList<string>>> Known = new(table =>
    [
        .. table.UniqueKeys.Prepend(table.PrimaryKey)
            .Concat(table.Indexes.Where(index => index.IsUnique).Select(index => index.Columns))
            .Concat(table.Distinct.Select(distinct => distinct.Columns))
            .DistinctBy(columns => string.Join('\u001f', columns.Order(StringComparer.Ordinal))),
    ]);

    /// <summary>The primary key, the unique keys and what must be distinct beside them, the primary key first.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> UniqueSets(this TableModel table) => Known.Of(table);

    /// <summary>The function after which the texts of one of <see cref="UniqueSets"/> must still be different; null for none.</summary>
    public static string? FoldOf(this TableModel table, IReadOnlyList<string> columns) =>
        table.Distinct.FirstOrDefault(distinct => distinct.Fold is not null && distinct.Columns.ToHashSet(StringComparer.Ordinal).SetEquals(columns))?.Fold;
}
