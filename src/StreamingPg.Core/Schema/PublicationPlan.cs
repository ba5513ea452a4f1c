using Npgsql;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Schema;

/// <summary>
/// Works out what a publication of the tables and the ledger lacks. Partitions are published as rows of their table. A table without a
/// primary key publishes whole rows, without which PostgreSQL refuses to delete from it.
/// </summary>
internal static class PublicationPlan
{
    // pg_publication_tables has the partitions of a table where their rows are published under their own names.
    private const string StateSql =
        """
        SELECT p.puballtables, p.pubviaroot, p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate,
               ARRAY(SELECT t.tablename::text FROM pg_catalog.pg_publication_tables t WHERE t.pubname = p.pubname AND t.schemaname = $2
                     UNION SELECT c.relname::text FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_class c ON c.oid = r.prrelid
                     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE r.prpubid = p.oid AND n.nspname = $2)
        FROM pg_catalog.pg_publication p WHERE p.pubname = $1
        """;

    // Row filters and lists of columns, which PostgreSQL 15 brought. A subscriber computes generated columns itself.
    private const string OmissionsSql =
        """
        SELECT table_name, filter, columns FROM (
            SELECT t.tablename::text AS table_name, to_jsonb(t) ->> 'rowfilter' AS filter,
                   ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
                         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND NOT coalesce(to_jsonb(t) -> 'attnames' ? a.attname::text, true)
                         ORDER BY a.attnum) AS columns
            FROM pg_catalog.pg_publication_tables t
            JOIN pg_catalog.pg_namespace n ON n.nspname = t.schemaname JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
            WHERE t.pubname = $1 AND t.schemaname = $2) AS published
        WHERE filter IS NOT NULL OR columns <> ARRAY[]::text[]
        """;

    // The leaves: a row is deleted from the partition that it is in, by that one's identity.
    internal const string IdentitySql =
        """
        SELECT c.relname::text, format('%I.%I', ln.nspname, l.relname)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL (SELECT c.oid UNION SELECT relid FROM pg_catalog.pg_partition_tree(c.oid)) AS part (oid)
        JOIN pg_catalog.pg_class l ON l.oid = part.oid JOIN pg_catalog.pg_namespace ln ON ln.oid = l.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND (l.relreplident = 'n'
          OR (l.relreplident = 'd' AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = l.oid AND i.indisprimary)))
        ORDER BY array_position($2, c.relname::text), l.oid
        """;

    /// <summary>The tables that a publication of a model has: its own and the ledger, whose rows say which batch a transaction was.</summary>
    public static IReadOnlyList<string> TablesOf(StreamModel model) => [.. model.Tables.Select(table => table.Name), LedgerTable.Name];

    /// <summary>The steps, to be taken after those that create the tables.</summary>
    public static async Task<IReadOnlyList<SchemaStep>> MakeAsync(
        NpgsqlConnection open, string schema, StreamModel model, string name, IReadOnlySet<string> existing, CancellationToken cancellationToken)
    {
        if (Identifier.WhyInvalid(name) is { } reason)
        {
            throw new StreamingException(
                ErrorIds.InvalidPublicationName, StreamingErrorKind.InvalidInput, $"\"{name}\" is not a valid name of a publication: {reason}.", "Quotes and blanks are allowed.", name);
        }

        if (model.Tables.FirstOrDefault(table => table.Layout.Distribution is not null) is { } distributed)
        {
            throw new StreamingException(
                ErrorIds.LayoutNotPossible,
                StreamingErrorKind.InvalidInput,
                $"A publication of the coordinator has no rows of \"{distributed.Name}\": Citus keeps those on its workers.",
                "Leave out -Publication (--publication); Citus publishes changes of each worker by itself (citus.enable_change_data_capture).",
                distributed.Name);
        }

        var tables = TablesOf(model);
        var state = await ReadAsync(open, schema, name, cancellationToken).ConfigureAwait(false);
        var withoutIdentity = new List<(string Table, string Quoted)>();
        var commands = new CommandBatch(open);
        commands.Query(IdentitySql, row => withoutIdentity.Add((row.GetString(0), row.GetString(1))), Parameter.Of(schema), Parameter.Of(tables.ToArray()));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        withoutIdentity.AddRange(model.Tables.Where(table => table.PrimaryKey.Count == 0 && !existing.Contains(table.Name))
            .Select(table => (table.Name, Identifier.Quote(schema, table.Name))));
        return
        [
            .. withoutIdentity.GroupBy(entry => entry.Table).Select(entries => SchemaStep.Create(
                "replica identity", entries.Key, [.. entries.Select(entry => $"ALTER TABLE {entry.Quoted} REPLICA IDENTITY FULL")])),
            Step(schema, name, tables, state),
        ];
    }

    /// <summary>What there is of a publication; null when there is none.</summary>
    public static async Task<PublicationState?> ReadAsync(NpgsqlConnection open, string schema, string name, CancellationToken cancellationToken)
    {
        PublicationState? state = null;
        var omissions = new Dictionary<string, PublicationOmission>(StringComparer.Ordinal);
        var commands = new CommandBatch(open);
        commands.Query(
            StateSql,
            row => state = new PublicationState(row.GetBoolean(0), row.GetBoolean(1), row.GetBoolean(2), row.GetFieldValue<string[]>(3), omissions),
            Parameter.Of(name),
            Parameter.Of(schema));
        commands.Query(
            OmissionsSql,
            row => omissions[row.GetString(0)] = new PublicationOmission(row.IsDBNull(1) ? null : row.GetString(1), row.GetFieldValue<string[]>(2)),
            Parameter.Of(name),
            Parameter.Of(schema));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return state;
    }

    private static SchemaStep Step(string schema, string name, IReadOnlyList<string> tables, PublicationState? state)
    {
        var quoted = Identifier.Quote(name);
        if (state is null)
        {
            return SchemaStep.Create(
                "publication", name, [$"CREATE PUBLICATION {quoted} FOR TABLE {List(schema, tables)} WITH (publish_via_partition_root = true)"]);
        }

        var missing = state.IsOfAllTables ? [] : tables.Except(state.Tables).ToList();
        var statements = new List<string>();
        if (missing.Count > 0)
        {
            statements.Add($"ALTER PUBLICATION {quoted} ADD TABLE {List(schema, missing)}");
        }

        if (!state.IsViaRoot || !state.IsOfAllChanges)
        {
            statements.Add($"ALTER PUBLICATION {quoted} SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = true)");
        }

        return statements.Count == 0 ? SchemaStep.Unchanged("publication", name) : SchemaStep.Create("publication", name, statements);
    }

    private static string List(string schema, IEnumerable<string> tables) => string.Join(", ", tables.Select(table => Identifier.Quote(schema, table)));
}

/// <summary>A publication as it is.</summary>
/// <param name="IsOfAllTables">FOR ALL TABLES.</param>
/// <param name="IsViaRoot">True when rows of partitions are published as their table's.</param>
/// <param name="IsOfAllChanges">True when inserts, updates, deletes and truncations are published.</param>
/// <param name="Tables">Its tables in the schema.</param>
/// <param name="Omissions">Those of them of which rows or columns are left out.</param>
internal sealed record PublicationState(
    bool IsOfAllTables, bool IsViaRoot, bool IsOfAllChanges, IReadOnlyCollection<string> Tables, IReadOnlyDictionary<string, PublicationOmission> Omissions);

/// <summary>What a publication leaves out of a table.</summary>
/// <param name="Filter">The condition of the rows that are published; null when all are.</param>
/// <param name="Columns">The columns that are not published.</param>
internal sealed record PublicationOmission(string? Filter, IReadOnlyList<string> Columns);
