using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>The columns that tell the rows of a table apart.</summary>
internal static class UniqueSetsOfTable
{
    /// <summary>The primary key and the unique keys, the primary key first.</summary>
    public static IEnumerable<IReadOnlyList<string>> UniqueSets(this TableModel table) =>
        table.UniqueKeys.Prepend(table.PrimaryKey);
}
