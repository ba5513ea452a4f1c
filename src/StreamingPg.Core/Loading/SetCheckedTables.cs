using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading;

/// <summary>
/// Which tables of a model can have their foreign keys checked by set: those whose new rows, and those of their parents, are told
/// by a range of keys. In a batch that checks by set, the triggers of the others stay on.
/// </summary>
internal static class SetCheckedTables
{
    /// <summary>True when the foreign keys of a table can be checked by set.</summary>
    public static bool Contains(StreamModel model, TableModel table) =>
        NewRowKeys.CanBeRange(table) && table.ForeignKeys.All(key => !key.IsLoadedLater && IsByPrimaryKey(model, key));

    /// <summary>The tables with foreign keys that cannot.</summary>
    public static IEnumerable<TableModel> Others(StreamModel model) =>
        model.Tables.Where(table => table.ForeignKeys.Count > 0 && !Contains(model, table));

    /// <summary>How the foreign keys of a table are checked in a batch that is checked in a way.</summary>
    public static ForeignKeyCheck CheckOf(StreamModel model, TableModel table, ForeignKeyCheck check) =>
        check == ForeignKeyCheck.Set && Contains(model, table) ? ForeignKeyCheck.Set : ForeignKeyCheck.Row;

    /// <summary>Switches the triggers on before a table that needs them, in a batch that checks by set.</summary>
    public static void BeginTable(CommandBatch commands, StreamModel model, TableModel table, ForeignKeyCheck check)
    {
        if (NeedsTriggers(model, table, check))
        {
            commands.Add("SET LOCAL session_replication_role = origin");
        }
    }

    /// <summary>Switches them off again after it.</summary>
    public static void EndTable(CommandBatch commands, StreamModel model, TableModel table, ForeignKeyCheck check)
    {
        if (NeedsTriggers(model, table, check))
        {
            commands.Add("SET LOCAL session_replication_role = replica");
        }
    }

    /// <summary>True when a batch that checks by set has to check a table by row.</summary>
    public static bool NeedsTriggers(StreamModel model, TableModel table, ForeignKeyCheck check) =>
        check == ForeignKeyCheck.Set && table.ForeignKeys.Count > 0 && !Contains(model, table);

    private static bool IsByPrimaryKey(StreamModel model, ForeignKeyModel key) =>
        model.Table(key.ParentTable) is var parent && NewRowKeys.CanBeRange(parent) && key.ParentColumns.SequenceEqual(parent.PrimaryKey);
}
