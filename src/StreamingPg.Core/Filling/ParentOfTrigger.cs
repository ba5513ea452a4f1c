using Npgsql;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Filling;

/// <summary>
/// A parent whose rows a trigger of the table makes, as where a table stands for each kind of a thing and the thing's own row comes with it.
/// A row must have a key of its own then, and not that of a parent that is there.
/// </summary>
internal static class ParentOfTrigger
{
    /// <summary>
    /// The parent whose rows a trigger of the table seems to make: the server found the key of the row referred to twice, or a trigger adds rows
    /// to a parent of which too few are left; or null.
    /// </summary>
    public static string? Of(FillStep step, StreamingException refusal, TriggerDemands demands) => (step.Tables, refusal) switch
    {
        ([var table], { SqlState: PostgresErrorCodes.UniqueViolation, InnerException: PostgresException { TableName: { } name } })
            when table.Name != name && table.ForeignKeys.Any(key => key.ParentTable == name) => name,
        ([var table], { ErrorId: ErrorIds.TooFewParents or ErrorIds.NoAgreeingParents }) => demands.AddedParent(table),
        _ => null,
    };

    /// <summary>
    /// The table with the foreign keys of one of its parents instead of those to the parent: the row that a trigger makes must refer to something.
    /// A column of the parent is the one that refers to it, else the one of the same name, which the trigger copies.
    /// </summary>
    public static TableModel Replace(TableModel parent, TableModel table)
    {
        List<ForeignKeyModel> kept = [.. table.ForeignKeys.Where(key => key.ParentTable != parent.Name)];
        foreach (var key in table.ForeignKeys.Where(key => key.ParentTable == parent.Name))
        {
            foreach (var above in parent.ForeignKeys.Where(above => above.ParentTable != table.Name))
            {
                List<string?> columns = [.. above.Columns.Select(column => key.ParentColumns.ToList().IndexOf(column) is >= 0 and var index ? key.Columns[index] : table.HasColumn(column) ? column : null)];
                if (!columns.Contains(null) && !kept.Exists(other => other.Columns.Any(columns.Contains)))
                {
                    kept.Add(above with { Columns = [.. columns.OfType<string>()], Name = null });
                }
            }
        }

        return table with { ForeignKeys = kept };
    }
}
