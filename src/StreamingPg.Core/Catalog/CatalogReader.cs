using Npgsql;

namespace StreamingPg.Core.Catalog;

/// <summary>Reads tables as they are from pg_catalog.</summary>
internal static class CatalogReader
{
    private const string SchemaSql = "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)";

    private const string RelationSql =
        """
        SELECT c.relname::text,
               CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                    WHEN 'f' THEN 'foreign table' WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'composite type' ELSE 'index' END,
               EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgenabled IN ('O', 'A')
                         AND g.tgtype & 7 = 7)
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1
        """;

    // Enums and domains; a type's name is free only when no table or array has it either.
    private const string TypeSql =
        """
        SELECT t.typname::text,
               ARRAY(SELECT l.enumlabel::text FROM pg_catalog.pg_enum l WHERE l.enumtypid = t.oid ORDER BY l.enumsortorder),
               CASE WHEN t.typtype = 'd' THEN
                   CASE WHEN b.typnamespace = t.typnamespace THEN b.typname::text ELSE format_type(t.typbasetype, t.typtypmod) END END
        FROM pg_catalog.pg_type t
        JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
        WHERE n.nspname = $1
        """;

    // Types of the table's own schema go by their bare names: format_type's spelling depends on the search path.
    private const string ColumnSql =
        $"""
        SELECT c.relname::text, a.attname::text,
               CASE WHEN e.typnamespace = n.oid THEN e.typname::text || CASE WHEN e.oid <> t.oid THEN '[]' ELSE '' END
                    ELSE format_type(a.atttypid, a.atttypmod) END,
               NOT a.attnotnull, a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL, a.attgenerated <> '',
               (SELECT format('%I.%I', qn.nspname, q.relname)
                FROM pg_catalog.pg_class q JOIN pg_catalog.pg_namespace qn ON qn.oid = q.relnamespace
                WHERE q.oid = {SequenceReader.SequenceOfColumn}),
               ARRAY(SELECT l.enumlabel::text FROM pg_catalog.pg_enum l WHERE l.enumtypid IN (e.oid, e.typbasetype) ORDER BY l.enumsortorder)
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        JOIN pg_catalog.pg_type e ON e.oid = CASE WHEN t.typtype = 'b' AND t.typlen = -1 AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY c.relname, a.attnum
        """;

    // A foreign key to a partitioned table has one more entry per partition, below its own; these are left out.
    private const string ForeignKeySql =
        """
        SELECT c.relname::text, k.conname::text,
               ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (number, place)
                     JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place),
               pn.nspname::text, p.relname::text,
               ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (number, place)
                     JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.place),
               k.convalidated,
               NOT EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgconstraint = k.oid AND g.tgenabled NOT IN ('O', 'A'))
        FROM pg_catalog.pg_constraint k
        JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_class p ON p.oid = k.confrelid
        JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
        LEFT JOIN pg_catalog.pg_constraint above ON above.oid = k.conparentid
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND k.contype = 'f'
          AND above.conrelid IS DISTINCT FROM k.conrelid
        ORDER BY k.conname
        """;

    private const string IndexSql =
        """
        SELECT c.relname::text, x.relname::text, i.indisprimary,
               ARRAY(SELECT a.attname::text FROM generate_series(0, i.indnkeyatts - 1) place
                     JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[place] ORDER BY place),
               i.indisunique
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
        JOIN pg_catalog.pg_am m ON m.oid = x.relam
        WHERE n.nspname = $1 AND c.relname = ANY ($2)
          AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND m.amname IN ('btree', 'hash')
        ORDER BY x.relname
        """;

    /// <summary>Reads the tables of these names, where they are there.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="tables">Names of the tables.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<LiveSchema> ReadAsync(
        NpgsqlConnection connection, string schema, IReadOnlyCollection<string> tables, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(tables);
        var names = tables.ToArray();
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in (string[])[SchemaSql, RelationSql, ColumnSql, ForeignKeySql, IndexSql, TypeSql])
        {
            var command = new NpgsqlBatchCommand(sql) { Parameters = { new() { Value = schema } } };
            if (sql.Contains("$2", StringComparison.Ordinal))
            {
                command.Parameters.Add(new() { Value = names });
            }

            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var exists = reader.GetBoolean(0);
        var kinds = await ReadNextAsync(reader, row => (Name: row.GetString(1), HasInsertTrigger: row.GetBoolean(2)), cancellationToken).ConfigureAwait(false);
        var columns = await ReadNextAsync(reader, ReadColumn, cancellationToken).ConfigureAwait(false);
        var foreignKeys = await ReadNextAsync(reader, ReadForeignKey, cancellationToken).ConfigureAwait(false);
        var indexes = await ReadNextAsync(reader, ReadIndex, cancellationToken).ConfigureAwait(false);
        var types = await ReadNextAsync(
            reader,
            row => new LiveType(row.GetString(0), row.GetFieldValue<string[]>(1), row.IsDBNull(2) ? null : row.GetString(2)),
            cancellationToken).ConfigureAwait(false);
        return new LiveSchema(
            exists,
            names.Where(kinds.Contains).Distinct().ToDictionary(
                name => name,
                name => new LiveTable
                {
                    Name = name,
                    Kind = kinds[name].First().Name,
                    HasInsertTrigger = kinds[name].First().HasInsertTrigger,
                    Columns = [.. columns[name]],
                    ForeignKeys = [.. foreignKeys[name]],
                    Indexes = [.. indexes[name]],
                },
                StringComparer.Ordinal),
            kinds.Select(relation => relation.Key).ToHashSet(StringComparer.Ordinal),
            types.ToDictionary(type => type.Key, type => type.First(), StringComparer.Ordinal));
    }

    /// <summary>Reads the next result, whose first column is the name of a relation.</summary>
    private static async Task<ILookup<string, T>> ReadNextAsync<T>(
        NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        var rows = new List<(string Relation, T Value)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add((reader.GetString(0), read(reader)));
        }

        return rows.ToLookup(row => row.Relation, row => row.Value, StringComparer.Ordinal);
    }

    private static LiveColumn ReadColumn(NpgsqlDataReader row) => new(
        row.GetString(1), row.GetString(2), row.GetBoolean(3), row.GetBoolean(4), row.GetBoolean(5), HasSequence: !row.IsDBNull(6))
    {
        Sequence = row.IsDBNull(6) ? null : row.GetString(6),
        EnumLabels = row.GetFieldValue<string[]>(7),
    };

    private static LiveForeignKey ReadForeignKey(NpgsqlDataReader row) => new(
        row.GetString(1),
        row.GetFieldValue<string[]>(2),
        row.GetString(3),
        row.GetString(4),
        row.GetFieldValue<string[]>(5),
        IsValidated: row.GetBoolean(6),
        IsEnabled: row.GetBoolean(7));

    private static LiveIndex ReadIndex(NpgsqlDataReader row) =>
        new(row.GetString(1), row.GetBoolean(2), row.GetFieldValue<string[]>(3), row.GetBoolean(4));
}
