using Npgsql;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Catalog;

/// <summary>A foreign key of the database that refers to a table, be it of a table of the model or of another one.</summary>
/// <param name="ParentTable">Table referred to.</param>
/// <param name="ParentColumns">Columns referred to.</param>
/// <param name="Schema">Schema of the table that refers.</param>
/// <param name="Table">Table that refers.</param>
/// <param name="Columns">Its columns, in the order of <paramref name="ParentColumns"/>.</param>
internal sealed record ReferringKey(
    string ParentTable, IReadOnlyList<string> ParentColumns, string Schema, string Table, IReadOnlyList<string> Columns)
{
    // Partitions repeat the key of their table, which finds their rows as well.
    private const string Sql =
        """
        SELECT p.relname::text,
               ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (number, place)
                     JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.place),
               n.nspname::text, c.relname::text,
               ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (number, place)
                     JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place)
        FROM pg_catalog.pg_constraint k
        JOIN pg_catalog.pg_class p ON p.oid = k.confrelid
        JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
        JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE pn.nspname = $1 AND p.relname = ANY ($2) AND k.contype = 'f' AND k.conparentid = 0
        ORDER BY k.oid
        """;

    /// <summary>Reads the keys that refer to tables of a schema.</summary>
    public static async Task<ILookup<string, ReferringKey>> ReadAsync(
        NpgsqlConnection open, string schema, IEnumerable<string> tables, CancellationToken cancellationToken)
    {
        var keys = new List<ReferringKey>();
        var commands = new CommandBatch(open);
        commands.Query(
            Sql,
            row => keys.Add(new ReferringKey(
                row.GetString(0), row.GetFieldValue<string[]>(1), row.GetString(2), row.GetString(3), row.GetFieldValue<string[]>(4))),
            Parameter.Of(schema),
            Parameter.Of(tables.ToArray()));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return keys.ToLookup(key => key.ParentTable, StringComparer.Ordinal);
    }

    /// <summary>Rows that refer to a row of the parent.</summary>
    /// <param name="parentAlias">Alias of the parent in the statement.</param>
    /// <param name="alias">Alias for the rows that refer.</param>
    public string RowsSql(string parentAlias, string alias)
    {
        var join = Columns.Zip(ParentColumns)
            .Select(pair => $"{alias}.{Identifier.Quote(pair.First)} = {parentAlias}.{Identifier.Quote(pair.Second)}");
        return $"SELECT FROM {Identifier.Quote(Schema, Table)} AS {alias} WHERE {string.Join(" AND ", join)}";
    }
}
