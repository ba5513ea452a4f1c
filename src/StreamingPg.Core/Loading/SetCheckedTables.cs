using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
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

/// <summary>The conditions under which foreign keys may be checked by set: the rights for it, and nothing that would be skipped.</summary>
internal sealed class SetCheckConditions
{
    private const string RelationSql =
        """
        SELECT c.relname::text, c.relkind = 'r' AND NOT c.relispartition AND NOT c.relhassubclass, c.relhasrules,
               has_any_column_privilege(c.oid, 'UPDATE')
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2)
        """;

    // The replica role leaves out every trigger enabled for "origin" and brings in those for "replica" (tgtype & 4: on insert).
    // Deferrable unique constraints are triggers too. The foreign keys of the model are verified by query instead.
    private const string TriggerSql =
        """
        SELECT c.relname::text, t.tgname::text, COALESCE(k.conname::text, '')
        FROM pg_catalog.pg_trigger t
        JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_constraint k ON k.oid = t.tgconstraint AND k.contype = 'f'
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND t.tgenabled IN ('O', 'R') AND (t.tgtype & 4) <> 0
        """;

    private readonly List<(string? Table, string Reason)> _reasons = [];

    private SetCheckConditions()
    {
    }

    /// <summary>Reads what stands against it for each table of a model.</summary>
    public static async Task<SetCheckConditions> ReadAsync(
        NpgsqlConnection open, string schema, StreamModel model, LiveSchema live, CancellationToken cancellationToken)
    {
        string[] names = [.. model.Tables.Select(table => table.Name)];
        var parents = model.Tables.SelectMany(table => table.ForeignKeys).Select(key => key.ParentTable).ToHashSet(StringComparer.Ordinal);
        var conditions = new SetCheckConditions();
        var commands = new CommandBatch(open);
        commands.Query(
            SessionSettings.MaySetReplicationRole(open.PostgreSqlVersion),
            row => conditions.AddIf(!row.GetBoolean(0), null, "the role may not set session_replication_role"));
        commands.Query(RelationSql, row => conditions.AddForRelation(row, parents.Contains(row.GetString(0))), Parameter.Of(schema), Parameter.Of(names));
        commands.Query(
            TriggerSql,
            row => conditions.AddIf(
                !IsForeignKeyOfModel(schema, model, live, row.GetString(0), row.GetString(2)),
                row.GetString(0),
                $"trigger \"{row.GetString(1)}\" of \"{row.GetString(0)}\" would be skipped"),
            Parameter.Of(schema),
            Parameter.Of(names));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return conditions;
    }

    /// <summary>What stands against it for a model of these tables, or of some of them, a clause; null when nothing does.</summary>
    public string? WhyNot(StreamModel model)
    {
        var others = SetCheckedTables.Others(model).ToList();
        return _reasons.Find(entry => entry.Table is null || model.Find(entry.Table) is not null).Reason
            ?? (others.Count > 0 && others.Count == model.Tables.Count(table => table.ForeignKeys.Count > 0)
                ? $"the rows that \"{others[0].Name}\" has and refers to cannot be identified by a range of keys" : null);
    }

    private void AddForRelation(NpgsqlDataReader row, bool isParent)
    {
        var table = row.GetString(0);
        AddIf(!row.GetBoolean(1), table, $"\"{table}\" has partitions or tables that inherit from it");
        AddIf(row.GetBoolean(2), table, $"\"{table}\" has rules");
        AddIf(isParent && !row.GetBoolean(3), table, $"rows of \"{table}\" cannot be locked without the UPDATE privilege on a column");
    }

    private void AddIf(bool stands, string? table, string reason)
    {
        if (stands)
        {
            _reasons.Add((table, reason));
        }
    }

    private static bool IsForeignKeyOfModel(string schema, StreamModel model, LiveSchema live, string table, string constraint) =>
        live.Tables[table].ForeignKeys.FirstOrDefault(key => key.Name == constraint) is { } key
        && model.Table(table).ForeignKeys.Any(wanted => TableDifference.IsSame(schema, wanted, key));
}
