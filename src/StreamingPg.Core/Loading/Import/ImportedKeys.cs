using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.Import;

/// <summary>
/// Verifies the foreign keys of many imported rows by one query per key, instead of a trigger per row. The rows are those that this
/// transaction wrote; their parents are locked as the triggers would lock them, each once.
/// </summary>
internal sealed class ImportedKeys(
    NpgsqlConnection open, string schema, IReadOnlyDictionary<string, LiveTable> live, CancellationToken cancellationToken)
{
    /// <summary>With fewer rows the triggers take no longer than looking through the table.</summary>
    public const long WorthwhileRows = 10_000;

    // With a smaller share of a table they take less time than reading it.
    private const int RowsPerImported = 50;

    private const string ShareSql =
        """
        SELECT bool_and(CASE WHEN c.reltuples < 0 THEN pg_relation_size(c.oid) / 50 ELSE c.reltuples END <= $3)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = ANY ($2)
        """;

    private const string IsNew = "c.xmin = pg_catalog.pg_current_xact_id()::xid";

    // Statistics know nothing of rows of this transaction: left alone, the planner would look millions of them up one by one.
    private static readonly string[] Settings =
        ["enable_nestloop = off", "enable_mergejoin = off", "jit = off", "work_mem = '128MB'", "plan_cache_mode = force_custom_plan"];

    /// <summary>True if the role sees all rows of these tables: what it does not see it could not verify.</summary>
    public static async Task<bool> SeesAllAsync(NpgsqlConnection open, string schema, string[] tables, CancellationToken cancellationToken)
    {
        var sees = false;
        var commands = new CommandBatch(open);
        commands.Query(
            """
            SELECT bool_and(has_table_privilege(c.oid, 'SELECT') AND NOT row_security_active(c.oid))
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = ANY ($2)
            """,
            row => sees = row.GetBoolean(0),
            Parameter.Of(schema),
            Parameter.Of(tables));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return sees;
    }

    /// <summary>True if an import has enough rows, compared with their table and its parents, for one query to take less time than the triggers.</summary>
    public async Task<bool> AreWorthwhileAsync(TableModel table, long rows)
    {
        var isShare = false;
        if (table.ForeignKeys.Count > 0 && rows >= WorthwhileRows)
        {
            string[] names = [table.Name, .. table.ForeignKeys.Select(key => key.ParentTable)];
            var commands = new CommandBatch(open);
            commands.Query(
                ShareSql, row => isShare = row.GetBoolean(0), Parameter.Of(schema), Parameter.Of(names), Parameter.Of(rows * RowsPerImported));
            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }

        return isShare;
    }

    /// <summary>Leaves the triggers out from here on.</summary>
    public Task BeginAsync() => ExecuteAsync("SET LOCAL session_replication_role = replica");

    /// <summary>Switches the triggers on again, and verifies the rows that were written to a table meanwhile.</summary>
    /// <param name="table">The table.</param>
    /// <param name="written">How many they are, by the server's count.</param>
    /// <exception cref="NpgsqlException">A row refers to nothing: the server's own error, as a trigger gives it.</exception>
    public async Task EndAsync(TableModel table, long written)
    {
        await ExecuteAsync(["SET LOCAL session_replication_role = origin", .. Settings.Select(setting => $"SET LOCAL {setting}")]).ConfigureAwait(false);

        // Rows written within a subtransaction are not found by the transaction's number: then every row of the table is looked at.
        var which = await CountNewAsync(table).ConfigureAwait(false) >= written ? IsNew : "true";
        foreach (var key in table.ForeignKeys)
        {
            await VerifyAsync(table, key, which).ConfigureAwait(false);
        }

        await ExecuteAsync([.. Settings.Select(setting => $"SET LOCAL {setting[..setting.IndexOf(' ', StringComparison.Ordinal)]} TO DEFAULT")]).ConfigureAwait(false);
    }

    private async Task<long> CountNewAsync(TableModel table)
    {
        var count = 0L;
        var commands = new CommandBatch(open) { Timeout = 0 };
        commands.Query($"SELECT count(*) FROM {Identifier.Quote(schema, table.Name)} AS c WHERE {IsNew}", row => count = row.GetInt64(0));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return count;
    }

    private async Task VerifyAsync(TableModel table, ForeignKeyModel key, string which)
    {
        var (child, parent) = (Identifier.Quote(schema, table.Name), Identifier.Quote(schema, key.ParentTable));
        var refers = string.Join(" AND ", key.Columns.Select(column => $"c.{Identifier.Quote(column)} IS NOT NULL"));
        var same = live[table.Name].RefersSql(key, "c", live[key.ParentTable], "p");
        string? orphan = null;
        var commands = new CommandBatch(open) { Timeout = 0 };

        // A row passes by a parent of this transaction, which others cannot delete, or by one that is locked here: a parent that goes before
        // it is locked, or comes after, is none.
        commands.Query(
            $"""
            WITH locked AS MATERIALIZED (
                SELECT {string.Join(", ", key.ParentColumns.Distinct().Select(column => $"p.{Identifier.Quote(column)}"))} FROM {parent} AS p
                WHERE p.xmin <> pg_catalog.pg_current_xact_id()::xid AND EXISTS (SELECT FROM {child} AS c WHERE {which} AND {same})
                FOR KEY SHARE OF p)
            SELECT c.ctid::text FROM {child} AS c
            WHERE {which} AND {refers}
              AND NOT EXISTS (SELECT FROM locked AS p WHERE {same})
              AND NOT EXISTS (SELECT FROM {parent} AS p WHERE p.xmin = pg_catalog.pg_current_xact_id()::xid AND {same})
            LIMIT 1
            """,
            row => orphan = row.GetString(0));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        if (orphan is not null)
        {
            await RefuseAsync(table, key, child, orphan).ConfigureAwait(false);
        }
    }

    /// <summary>Writes the row again as it is, so that the server looks at its keys and says what is wrong in its own words.</summary>
    private async Task RefuseAsync(TableModel table, ForeignKeyModel key, string child, string orphan)
    {
        var columns = string.Join(", ", key.Columns.Select(column => $"{Identifier.Quote(column)} = {Identifier.Quote(column)}"));
        await ExecuteAsync("SET CONSTRAINTS ALL IMMEDIATE", $"UPDATE {child} SET {columns} WHERE ctid = '{orphan}'::tid").ConfigureAwait(false);
        throw new StreamingException(
            ErrorIds.VerificationFailed,
            StreamingErrorKind.ConstraintViolated,
            $"A row of \"{table.Name}\" has no parent in \"{key.ParentTable}\" (foreign key {string.Join(", ", key.Columns)}). Nothing was imported.",
            "Import its parent first, or correct the row.",
            table.Name);
    }

    private async Task ExecuteAsync(params string[] statements)
    {
        var commands = new CommandBatch(open);
        foreach (var statement in statements)
        {
            commands.Add(statement);
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }
}
