using Npgsql;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Filling;

/// <summary>
/// A parent whose rows a trigger of the table makes, as where a table stands for each kind of a thing and the thing's own row comes with it.
/// A row must have a key of its own then, and not that of a parent that is there.
/// </summary>
internal static class ParentOfTrigger
{
    /// <summary>The parent whose rows a trigger of the table seems to make, because the server found the key of the row referred to twice; or null.</summary>
    public static string? Of(FillStep step, StreamingException refusal) =>
        refusal.SqlState == PostgresErrorCodes.UniqueViolation && refusal.InnerException is PostgresException { TableName: { } name }
        && step.Tables is [var table] && table.Name != name && table.ForeignKeys.Any(key => key.ParentTable == name) ? name : null;

    /// <summary>The table with the foreign keys of one of its parents instead of those to the parent: the row that a trigger makes must refer to something.</summary>
    public static TableModel Replace(TableModel parent, TableModel table) => table with
    {
        ForeignKeys =
        [
            .. table.ForeignKeys.Where(key => key.ParentTable != parent.Name),
            .. from key in table.ForeignKeys
               where key.ParentTable == parent.Name
               from above in parent.ForeignKeys
               where above.Columns.All(key.ParentColumns.Contains) && above.ParentTable != table.Name
               select above with { Columns = [.. above.Columns.Select(column => key.Columns[key.ParentColumns.ToList().IndexOf(column)])], Name = null },
        ],
    };
}
