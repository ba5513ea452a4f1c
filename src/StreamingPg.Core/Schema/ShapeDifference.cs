using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Schema;

/// <summary>Says in words what changed in the columns and keys of tables between two looks at them.</summary>
internal static class ShapeDifference
{
    /// <summary>The changes; none when the shape is the same, whatever else changed (indexes, triggers, rights).</summary>
    public static IReadOnlyList<string> Find(LiveSchema before, LiveSchema after) =>
    [
        .. before.Tables.Values.Where(table => after.Tables.ContainsKey(table.Name)).SelectMany(table => Find(table, after.Tables[table.Name])),
    ];

    private static IEnumerable<string> Find(LiveTable before, LiveTable after)
    {
        var table = Identifier.Quote(after.Name);
        foreach (var column in after.Columns)
        {
            var name = $"column {Identifier.Quote(column.Name)} of {table}";
            switch (before.Find(column.Name))
            {
                case null:
                    yield return $"{name} was added ({Describe(column)})";
                    break;
                case var other when Describe(other) != Describe(column):
                    yield return $"{name} was {Describe(other)} and is {Describe(column)}";
                    break;
            }
        }

        foreach (var column in before.Columns.Where(column => after.Find(column.Name) is null))
        {
            yield return $"column {Identifier.Quote(column.Name)} of {table} was dropped";
        }

        if (!before.PrimaryKey.SequenceEqual(after.PrimaryKey, StringComparer.Ordinal))
        {
            yield return $"the primary key of {table} was ({string.Join(", ", before.PrimaryKey)}) and is ({string.Join(", ", after.PrimaryKey)})";
        }

        var (old, now) = (before.ForeignKeys.Select(Describe).ToList(), after.ForeignKeys.Select(Describe).ToList());
        foreach (var key in now.Except(old))
        {
            yield return $"{table} has a new foreign key {key}";
        }

        foreach (var key in old.Except(now))
        {
            yield return $"{table} lost its foreign key {key}";
        }
    }

    private static string Describe(LiveColumn column) =>
        column.TypeName + (column.IsNullable ? "" : " not null") + (column.IsGenerated ? " generated" : column.HasDefault ? " with a default" : "");

    private static string Describe(LiveForeignKey key) =>
        $"({string.Join(", ", key.Columns)}) to {Identifier.Quote(key.ParentSchema, key.ParentTable)} ({string.Join(", ", key.ParentColumns)})";
}
