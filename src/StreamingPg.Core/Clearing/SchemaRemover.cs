using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Clearing;

/// <summary>
/// Drops the tables and types of a model, the ledger and the schema, as far as StreamingPg made them: a table is its own if the ledger counts
/// rows of it, or if it is empty and matches the model. The ledger stays if it tells of other tables, and the schema if anything else is in it.
/// </summary>
internal static class SchemaRemover
{
    // Everything in a schema depends on it, and what belongs to a table on that. Only its owner may drop it, and public is everybody's.
    private const string SchemaStaysSql =
        """
        SELECT n.nspname = 'public' OR NOT pg_has_role(n.nspowner, 'USAGE') OR EXISTS (
            SELECT FROM pg_depend d
            WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid AND d.deptype = 'n'
              AND NOT EXISTS (SELECT FROM pg_class c WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relname = ANY ($2))
              AND NOT EXISTS (SELECT FROM pg_type t WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid AND t.typname = ANY ($3))
              AND NOT EXISTS (SELECT FROM pg_depend o JOIN pg_class c ON c.oid = o.refobjid
                              WHERE o.refclassid = 'pg_class'::regclass AND o.classid = d.classid AND o.objid = d.objid AND o.deptype <> 'n'
                                AND c.relnamespace = n.oid AND c.relname = ANY ($2)))
        FROM pg_namespace n WHERE n.nspname = $1
        """;

    /// <summary>Drops what is there, in one transaction.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="planOnly">True to change nothing and say what would be dropped.</param>
    /// <param name="force">True to drop tables, too, that differ from the model or have rows that StreamingPg did not load.</param>
    /// <param name="cancellationToken">Cancels; nothing is dropped then.</param>
    /// <returns>One entry per object.</returns>
    /// <exception cref="StreamingException">A table is not StreamingPg's, something else depends on one, or the server refused.</exception>
    public static async Task<IReadOnlyList<SchemaChange>> RemoveAsync(
        DatabaseConnection connection, StreamModel model, bool planOnly, bool force, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        try
        {
            await using var session = await Session.BeginAsync(
                connection, planOnly ? SessionKind.Read : SessionKind.Write, cancellationToken).ConfigureAwait(false);
            var stored = await LayoutReader.ReadAsync(session.Open, connection.Schema, model, cancellationToken).ConfigureAwait(false);
            if (stored.Tables.Any(table => table.Layout.Distribution is not null))
            {
                await session.QueryAsync(SessionSettings.OneShardConnectionForAll, _ => { }, cancellationToken).ConfigureAwait(false);
            }

            var tables = await OwnTables.ReadAsync(session, model, locks: !planOnly, cancellationToken).ConfigureAwait(false);
            var live = await CatalogReader.ReadAsync(
                session.Open, connection.Schema, model.Tables.Select(table => table.Name).Append(LedgerTable.Name), cancellationToken).ConfigureAwait(false);
            if (!force)
            {
                await tables.RefuseForeignRowsAsync(session, cancellationToken).ConfigureAwait(false);
                RefuseForeignTables(connection.Schema, stored, live, tables);
            }

            var changes = live.Exists ? await PlanAsync(session, model, live, tables, cancellationToken).ConfigureAwait(false) : [];
            if (planOnly)
            {
                return changes;
            }

            // All tables in one statement: they may refer to each other in circles.
            var drops = changes.Where(change => change.Sql.Length > 0).Select(change => change.Sql).Distinct().ToList();
            await SchemaInitializer.ExecuteAsync(session.Open, drops, cancellationToken).ConfigureAwait(false);
            await session.CommitAsync(cancellationToken).ConfigureAwait(false);
            return [.. changes.Select(change => change.Action == SchemaAction.WouldRemove ? change with { Action = SchemaAction.Removed } : change)];
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw OwnTables.InUse(connection, exception);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, $"removing schema {Identifier.Quote(connection.Schema)}");
        }
    }

    private static void RefuseForeignTables(string schema, StreamModel model, LiveSchema live, OwnTables tables)
    {
        var different = SchemaPlan.Make(schema, model, live)
            .Where(step => step is { Table: not null, Change.Action: SchemaAction.Different } && tables.Existing.Any(table => table.Name == step.Table))
            .Where(step => !tables.IsLoaded(model.Table(step.Table!)))
            .Select(step => step.Change).ToList();
        if (different.Count > 0)
        {
            throw new StreamingException(
                ErrorIds.TableNotOurs,
                StreamingErrorKind.SchemaMismatch,
                $"Nothing says that StreamingPg made {string.Join(", ", different.Select(change => $"\"{change.Name}\""))}: the ledger has no rows of it, and it does not match "
                    + $"the metadata ({different[0].Detail}). Nothing was removed.",
                "Use the metadata that the tables were made from; -Force (--force) drops them all the same.",
                different[0].Name);
        }
    }

    private static async Task<List<SchemaChange>> PlanAsync(
        Session session, StreamModel model, LiveSchema live, OwnTables tables, CancellationToken cancellationToken)
    {
        var dropsLedger = tables is { HasLedger: true, HasOthers: false };
        var names = tables.Existing.Select(table => table.Name).Concat(dropsLedger ? [LedgerTable.Name] : Array.Empty<string>()).ToList();
        var types = model.UserTypes.Select(type => type.Name).Where(live.Types.ContainsKey).ToArray();
        var dropTables = $"DROP TABLE {string.Join(", ", names.Select(session.Quote))}";
        var changes = tables.Existing.Reverse().Select(table => Removal(
            "table", table.Name, dropTables, tables.RowsOf(table) == 0 ? "" : $"with {DisplayText.Count(tables.RowsOf(table))} rows")).ToList();
        if (tables.HasLedger)
        {
            changes.Add(dropsLedger
                ? Removal("ledger", LedgerTable.Name, dropTables)
                : Kept("ledger", LedgerTable.Name, "kept: it tells of other tables, too"));
        }

        changes.AddRange(types.Select(type => Removal("type", type, $"DROP TYPE {session.Quote(type)}")));
        var stays = true;
        await session.QueryAsync(
            SchemaStaysSql,
            row => stays = row.GetBoolean(0),
            cancellationToken,
            Parameter.Of(session.Schema),
            Parameter.Of(names.ToArray()),
            Parameter.Of(types)).ConfigureAwait(false);
        changes.Add(stays
            ? Kept("schema", session.Schema, "kept: it is public, another role's, or has other objects in it")
            : Removal("schema", session.Schema, $"DROP SCHEMA {Identifier.Quote(session.Schema)}"));
        return changes;
    }

    private static SchemaChange Removal(string kind, string name, string sql, string detail = "") =>
        new() { Kind = kind, Name = name, Action = SchemaAction.WouldRemove, Sql = sql, Detail = detail };

    private static SchemaChange Kept(string kind, string name, string detail) =>
        new() { Kind = kind, Name = name, Action = SchemaAction.Unchanged, Detail = detail };
}
