using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Growth;

/// <summary>Sizes of the tables that Citus distributes: what the coordinator has of them are empty shells.</summary>
internal static class ShardSizes
{
    // The table, its TOAST and maps; all of it with its indexes; its rows alone. Partitions have shards of their own.
    private const string Sql =
        """
        SELECT sum(pg_catalog.citus_table_size(leaf.relid))::bigint, sum(pg_catalog.citus_total_relation_size(leaf.relid))::bigint,
               sum(pg_catalog.citus_relation_size(leaf.relid) / current_setting('block_size')::int)::bigint
        FROM (SELECT $1::regclass AS relid UNION SELECT relid FROM pg_partition_tree($1::regclass) WHERE isleaf) AS leaf
        JOIN pg_catalog.pg_class c ON c.oid = leaf.relid AND c.relkind = 'r'
        """;

    /// <summary>Puts the sizes of distributed tables in place of those of the shells.</summary>
    public static async Task AddAsync(
        NpgsqlConnection open, DatabaseConnection connection, StreamModel model, Dictionary<string, TableSize> sizes, CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(open);
        foreach (var table in model.Tables.Where(table => table.Layout.Distribution is not null))
        {
            commands.Query(
                Sql,
                row => sizes[table.Name] = new TableSize(row.GetInt64(0), row.GetInt64(1) - row.GetInt64(0), row.GetInt64(2), EstimatedRows: null),
                Parameter.Of(connection.Quote(table.Name)));
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }
}
