using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;

namespace StreamingPg.Core.Integrity;

/// <summary>What the catalog says about the tables of a model now: columns, unique indexes, foreign key constraints.</summary>
internal sealed class LiveKeys
{
    private const string ColumnsSql = """
        SELECT c.relname::text, a.attname::text
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p')
        """;

    // A partial index, or one on expressions, does not keep every row unique.
    private const string UniqueSql = """
        SELECT c.relname::text,
               ARRAY(SELECT a.attname::text FROM unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) AS k (attnum)
                     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_index i ON i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
        WHERE n.nspname = $1 AND c.relname = ANY ($2)
        """;

    private const string ForeignKeysSql = """
        SELECT c.relname::text, p.relname::text,
               ARRAY(SELECT a.attname::text FROM unnest(f.conkey) WITH ORDINALITY AS k (attnum, position)
                     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum ORDER BY k.position),
               ARRAY(SELECT a.attname::text FROM unnest(f.confkey) WITH ORDINALITY AS k (attnum, position)
                     JOIN pg_attribute a ON a.attrelid = p.oid AND a.attnum = k.attnum ORDER BY k.position),
               f.convalidated,
               EXISTS (SELECT FROM pg_trigger g WHERE g.tgconstraint = f.oid AND g.tgenabled NOT IN ('O', 'A'))
        FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_class p ON p.oid = f.confrelid AND p.relnamespace = n.oid
        WHERE f.contype = 'f' AND n.nspname = $1 AND c.relname = ANY ($2)
        """;

    private readonly HashSet<(string Table, string Column)> _columns = [];
    private readonly List<(string Table, HashSet<string> Columns)> _unique = [];
    private readonly List<LiveForeignKey> _foreignKeys = [];

    private LiveKeys()
    {
    }

    /// <summary>Reads the catalog.</summary>
    /// <exception cref="StreamingException">A table or a column of the model is not there.</exception>
    public static async Task<LiveKeys> ReadAsync(
        NpgsqlConnection session, DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        var keys = new LiveKeys();
        var batch = new NpgsqlBatch(session);
        await using (batch.ConfigureAwait(false))
        {
            foreach (var sql in (string[])[ColumnsSql, UniqueSql, ForeignKeysSql])
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand(sql)
                {
                    Parameters = { new() { Value = connection.Schema }, new() { Value = model.Tables.Select(table => table.Name).ToArray() } },
                });
            }

            var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await keys.FillAsync(reader, cancellationToken).ConfigureAwait(false);
            }
        }

        foreach (var table in model.Tables)
        {
            keys.RequireTable(table, connection);
        }

        return keys;
    }

    /// <summary>True when a valid unique index keeps these columns unique.</summary>
    public bool IsUnique(string table, IEnumerable<string> columns) =>
        _unique.Any(index => index.Table == table && index.Columns.IsSubsetOf(columns));

    /// <summary>The constraint that enforces the foreign key, the most trustworthy if there are several; null when there is none.</summary>
    public LiveForeignKey? Find(string table, ForeignKeyModel key) =>
        _foreignKeys
            .Where(live => live.Table == table && live.ParentTable == key.ParentTable && live.Pairs.SetEquals(key.Columns.Zip(key.ParentColumns)))
            .OrderByDescending(live => live.IsEnforced)
            .FirstOrDefault();

    private async Task FillAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            _columns.Add((reader.GetString(0), reader.GetString(1)));
        }

        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            _unique.Add((reader.GetString(0), [.. reader.GetFieldValue<string[]>(1)]));
        }

        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            _foreignKeys.Add(new LiveForeignKey(
                reader.GetString(0),
                reader.GetString(1),
                [.. reader.GetFieldValue<string[]>(2).Zip(reader.GetFieldValue<string[]>(3))],
                IsValidated: reader.GetBoolean(4),
                IsEnabled: !reader.GetBoolean(5)));
        }
    }

    private void RequireTable(TableModel table, DatabaseConnection connection)
    {
        if (!_columns.Any(column => column.Table == table.Name))
        {
            throw MissingTable.Error(connection, table.Name);
        }

        if (table.Columns.FirstOrDefault(column => !_columns.Contains((table.Name, column.Name))) is { } missing)
        {
            throw new StreamingException(
                "ColumnNotFound",
                StreamingErrorKind.SchemaMismatch,
                $"Table \"{table.Name}\" in schema \"{connection.Schema}\" has no column \"{missing.Name}\", which the metadata names.",
                "Run Initialize-StreamingSchema -WhatIf to see all differences.",
                table.Name);
        }
    }
}
