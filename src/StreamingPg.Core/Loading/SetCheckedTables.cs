using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading;

/// <summary>How a chunk verifies the foreign keys of each table. In one that verifies by set, some tables may need their triggers all the same.</summary>
/// <param name="check">How the chunk verifies.</param>
/// <param name="byRow">The tables that need their triggers.</param>
internal sealed class SetCheckedTables(ForeignKeyCheck check, IReadOnlySet<string> byRow)
{
    /// <summary>How the foreign keys of a table are verified.</summary>
    public ForeignKeyCheck CheckOf(TableModel table) =>
        check == ForeignKeyCheck.Set && !byRow.Contains(table.Name) ? ForeignKeyCheck.Set : ForeignKeyCheck.Row;

    /// <summary>Switches the triggers on before a table that needs them, in a chunk that verifies by set.</summary>
    public void BeginTable(CommandBatch commands, TableModel table)
    {
        if (NeedsTriggers(table))
        {
            commands.Add(SessionSettings.TriggersOn);
        }
    }

    /// <summary>Switches them off again after it.</summary>
    public void EndTable(CommandBatch commands, TableModel table)
    {
        if (NeedsTriggers(table))
        {
            commands.Add(SessionSettings.TriggersOff);
        }
    }

    /// <summary>
    /// Switches them on for good before existing rows are updated and before the commit: deferred triggers of the user's run there, and the
    /// foreign keys must see what they do.
    /// </summary>
    public void End(CommandBatch commands)
    {
        if (check == ForeignKeyCheck.Set)
        {
            commands.Add(SessionSettings.TriggersOn);
        }
    }

    private bool NeedsTriggers(TableModel table) => check == ForeignKeyCheck.Set && byRow.Contains(table.Name);
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
    // Deferrable unique constraints are triggers too. The foreign keys of the model are verified by query instead, but for those that forbid
    // a reference which is NULL in part (MATCH FULL).
    private const string TriggerSql =
        """
        SELECT c.relname::text, t.tgname::text, COALESCE(k.conname::text, '')
        FROM pg_catalog.pg_trigger t
        JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_constraint k ON k.oid = t.tgconstraint AND k.contype = 'f'
            AND (k.confmatchtype <> 'f' OR cardinality(k.conkey) = 1)
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND t.tgenabled IN ('O', 'R') AND (t.tgtype & 4) <> 0
        """;

    private readonly List<(string? Table, string Reason, Scope Scope)> _reasons = [];

    private SetCheckConditions()
    {
    }

    /// <summary>What a reason stands against.</summary>
    private enum Scope
    {
        /// <summary>The foreign keys of its table.</summary>
        Table,

        /// <summary>Those of the tables that refer to it too.</summary>
        Children,

        /// <summary>All foreign keys of a batch with the table.</summary>
        Batch,
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
            row => conditions.AddIf(!row.GetBoolean(0), null, "the role may not set session_replication_role", Scope.Batch));
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
        foreach (var table in model.Tables.Where(table => table.Layout.Distribution is not null))
        {
            conditions.AddIf(true, table.Name, $"\"{table.Name}\" is distributed, and its parents cannot be locked on other servers");
        }

        return conditions;
    }

    /// <summary>What stands against leaving the triggers out, however the foreign keys are verified then, a clause; null when nothing does.</summary>
    public string? WhyNotWithoutTriggers(StreamModel model) =>
        _reasons.Find(entry => entry.Table is null || model.Find(entry.Table) is not null).Reason;

    /// <summary>What stands against it in all tables of a model, a clause; null when nothing does.</summary>
    public string? WhyNot(StreamModel model) =>
        _reasons.Find(entry => entry.Scope == Scope.Batch && (entry.Table is null || model.Find(entry.Table) is not null)).Reason;

    /// <summary>The tables of a model whose foreign keys need their triggers, and why, a clause each.</summary>
    public IReadOnlyDictionary<string, string> ByRow(StreamModel model)
    {
        var byRow = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, reason, scope) in _reasons.Where(entry => entry.Scope != Scope.Batch && model.Find(entry.Table!) is not null))
        {
            foreach (var table in model.Tables.Where(table =>
                table.Name == name || (scope == Scope.Children && table.ForeignKeys.Any(key => key.ParentTable == name))))
            {
                byRow.TryAdd(table.Name, reason);
            }
        }

        return byRow;
    }

    private void AddForRelation(NpgsqlDataReader row, bool isParent)
    {
        var table = row.GetString(0);

        // Without triggers, a row of a table that inherits would pass for one of its parent's.
        AddIf(!row.GetBoolean(1), table, $"\"{table}\" has partitions or tables that inherit from it", Scope.Children);
        AddIf(row.GetBoolean(2), table, $"\"{table}\" has rules");
        AddIf(isParent && !row.GetBoolean(3), table, $"rows of \"{table}\" cannot be locked without the UPDATE privilege on a column", Scope.Batch);
    }

    private void AddIf(bool stands, string? table, string reason, Scope scope = Scope.Table)
    {
        if (stands)
        {
            _reasons.Add((table, reason, scope));
        }
    }

    private static bool IsForeignKeyOfModel(string schema, StreamModel model, LiveSchema live, string table, string constraint) =>
        live.Tables[table].ForeignKeys.FirstOrDefault(key => key.Name == constraint) is { } key
        && model.Table(table).ForeignKeys.Select(wanted => StoredKeys.ForeignKey(model, model.Table(table), wanted)).OfType<ForeignKeyModel>().Any(wanted => TableDifference.IsSame(schema, wanted, key));
}
