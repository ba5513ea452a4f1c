using Npgsql;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Catalog;

/// <summary>What an update must know of tables to build indexes on them while others use them.</summary>
/// <param name="Partitioned">Partitioned tables, on which PostgreSQL cannot build one concurrently.</param>
/// <param name="Invalid">Indexes that an earlier attempt left unfinished and nobody works on.</param>
internal sealed record IndexState(IReadOnlySet<string> Partitioned, IReadOnlyList<InvalidIndex> Invalid)
{
    private const string PartitionedSql =
        """
        SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind = 'p'
        """;

    private const string InvalidSql =
        """
        SELECT c.relname::text, x.relname::text, i.indisunique,
               ARRAY(SELECT a.attname::text FROM generate_series(0, i.indnkeyatts - 1) place
                     JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[place] ORDER BY place)
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
        JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind = 'r' AND NOT i.indisvalid
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)
        """;

    /// <summary>Reads it.</summary>
    public static async Task<IndexState> ReadAsync(
        NpgsqlConnection open, string schema, string[] tables, CancellationToken cancellationToken)
    {
        var partitioned = new HashSet<string>(StringComparer.Ordinal);
        var invalid = new List<InvalidIndex>();
        var commands = new CommandBatch(open);
        commands.Query(PartitionedSql, row => partitioned.Add(row.GetString(0)), Parameter.Of(schema), Parameter.Of(tables));
        commands.Query(
            InvalidSql,
            row => invalid.Add(new InvalidIndex(row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetFieldValue<string[]>(3))),
            Parameter.Of(schema),
            Parameter.Of(tables));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return new IndexState(partitioned, invalid);
    }
}
