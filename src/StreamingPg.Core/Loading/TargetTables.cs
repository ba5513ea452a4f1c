using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;

namespace StreamingPg.Core.Loading;

/// <summary>The tables that a batch loads, as they are in the database: do they fit, and may their triggers be left out?</summary>
internal sealed class TargetTables
{
    // The replica role leaves out every trigger enabled for "origin" and brings in those for "replica"; the foreign keys of
    // the model are proven by query instead. tgtype & 4: on insert.
    private const string TriggerSql =
        """
        SELECT c.relname::text, t.tgname::text, COALESCE(k.conname::text, '')
        FROM pg_catalog.pg_trigger t
        JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_constraint k ON k.oid = t.tgconstraint AND k.contype = 'f'
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND t.tgenabled IN ('O', 'R') AND (t.tgtype & 4) <> 0
        """;

    private const string RelationSql =
        """
        SELECT c.relname::text, c.relkind = 'r' AND NOT c.relispartition AND NOT c.relhassubclass, c.relhasrules,
               has_table_privilege(c.oid, 'INSERT'), has_any_column_privilege(c.oid, 'UPDATE')
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2)
        """;

    private const string MaySetRoleSql15 = "SELECT has_parameter_privilege('session_replication_role', 'SET')";

    private const string MaySetRoleSql = "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user";

    /// <summary>What stands against checking foreign keys by set, a clause; null when nothing does.</summary>
    public required string? WhyNotBySet { get; init; }

    /// <summary>Reads the tables.</summary>
    /// <exception cref="StreamingException">A table is missing, or does not fit the model.</exception>
    public static async Task<TargetTables> ReadAsync(
        NpgsqlConnection open, DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        string[] names = [.. model.Tables.Select(table => table.Name)];
        var live = await CatalogReader.ReadAsync(open, connection.Schema, names, cancellationToken).ConfigureAwait(false);
        foreach (var table in model.Tables)
        {
            Check(connection, table, live.Tables.GetValueOrDefault(table.Name));
        }

        return new TargetTables
        {
            WhyNotBySet = await FindReasonAsync(open, connection.Schema, model, live, names, cancellationToken).ConfigureAwait(false),
        };
    }

    private static void Check(DatabaseConnection connection, TableModel table, LiveTable? live)
    {
        if (live is null)
        {
            throw new StreamingException(
                "TableMissing",
                StreamingErrorKind.NotFound,
                $"Table \"{table.Name}\" is not in {connection}.",
                "Create the tables with Initialize-StreamingSchema (or: streamingpg init).",
                table.Name);
        }

        var differences = TableDifference.Find(connection.Schema, table, live);
        if (differences.Count > 0)
        {
            throw new StreamingException(
                "TableDiffers",
                StreamingErrorKind.SchemaMismatch,
                $"Table \"{table.Name}\" in {connection} does not fit the model: {string.Join("; ", differences)}.",
                "Change the table or the metadata so that they agree; Initialize-StreamingSchema -WhatIf shows every difference.",
                table.Name);
        }
    }

    private static async Task<string?> FindReasonAsync(
        NpgsqlConnection open, string schema, StreamModel model, LiveSchema live, string[] names, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(open);
        batch.BatchCommands.Add(new(open.PostgreSqlVersion.Major >= 15 ? MaySetRoleSql15 : MaySetRoleSql));
        batch.BatchCommands.Add(new(RelationSql) { Parameters = { new() { Value = schema }, new() { Value = names } } });
        batch.BatchCommands.Add(new(TriggerSql) { Parameters = { new() { Value = schema }, new() { Value = names } } });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false) || !reader.GetBoolean(0))
        {
            return "the role may not set session_replication_role";
        }

        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (WhyNotRelation(model, reader) is { } reason)
            {
                return reason;
            }
        }

        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!IsForeignKeyOfModel(schema, model, live, reader.GetString(0), reader.GetString(2)))
            {
                return $"trigger \"{reader.GetString(1)}\" of \"{reader.GetString(0)}\" would be skipped";
            }
        }

        return model.Tables.FirstOrDefault(table => !NewRowKeys.CanBeRange(table)) is { } table
            ? $"the new rows of \"{table.Name}\" cannot be told by a range of keys"
            : null;
    }

    private static string? WhyNotRelation(StreamModel model, NpgsqlDataReader row)
    {
        var table = row.GetString(0);
        if (!row.GetBoolean(1))
        {
            return $"\"{table}\" has partitions or tables that inherit from it";
        }

        if (row.GetBoolean(2))
        {
            return $"\"{table}\" has rules";
        }

        var isParent = model.Tables.Any(child => child.ForeignKeys.Any(key => key.ParentTable == table));
        return isParent && !row.GetBoolean(4) ? $"rows of \"{table}\" cannot be locked without the right to UPDATE a column" : null;
    }

    private static bool IsForeignKeyOfModel(string schema, StreamModel model, LiveSchema live, string table, string constraint) =>
        live.Tables[table].ForeignKeys.FirstOrDefault(key => key.Name == constraint) is { } key
        && model.Table(table).ForeignKeys.Any(wanted => TableDifference.IsSame(schema, wanted, key));
}
