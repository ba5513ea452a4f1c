using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Health;

/// <summary>Dead rows, bloat, vacuum and analyze of each table and partition, from what the server keeps count of.</summary>
internal static class TableHealth
{
    private const long FewRows = 1000;
    private const long SmallTable = 8 << 20;
    private const double DueShare = 0.2;

    // What a table would take on disk: rows of their average width with header (24 bytes, rows begin at multiples of 8) and
    // line pointer (4), in pages of which the header (24) and what the fill factor keeps free are not used. A table that was
    // never looked after waits since the first batch.
    private static string Sql(DatabaseConnection connection) =>
        $"""
        SELECT c.relname::text, l.relname::text, s.n_live_tup, s.n_dead_tup,
               coalesce((to_jsonb(s) ->> 'n_ins_since_vacuum')::bigint, 0), s.n_mod_since_analyze,
               extract(epoch FROM now() - greatest(s.last_vacuum, s.last_autovacuum))::float8,
               extract(epoch FROM now() - greatest(s.last_analyze, s.last_autoanalyze))::float8,
               l.relpages::bigint * page.size,
               (greatest(l.reltuples, 0) * (ceil((24 + width.bytes) / 8) * 8 + 4) / (fill.share * (page.size - 24)) * page.size)::float8,
               extract(epoch FROM now() - loading.began)::float8
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL (SELECT c.oid UNION SELECT relid FROM pg_partition_tree(c.oid)) AS part (oid)
        JOIN pg_class l ON l.oid = part.oid AND l.relkind = 'r'
        JOIN pg_namespace ln ON ln.oid = l.relnamespace
        JOIN pg_stat_all_tables s ON s.relid = l.oid
        CROSS JOIN LATERAL (SELECT current_setting('block_size')::int) AS page (size)
        CROSS JOIN LATERAL (SELECT sum((1 - null_frac) * avg_width) FROM pg_stats
                            WHERE schemaname = ln.nspname AND tablename = l.relname) AS width (bytes)
        CROSS JOIN LATERAL (SELECT coalesce(max(option_value::float8) / 100, 1) FROM pg_options_to_table(l.reloptions)
                            WHERE option_name = 'fillfactor') AS fill (share)
        CROSS JOIN (SELECT min(committed_at) FROM {connection.Quote(LedgerTable.Name)}) AS loading (began)
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p')
        ORDER BY array_position($2, c.relname::text), l.relname
        """;

    public static async Task<IReadOnlyList<HealthResult>> CheckAsync(HealthProbe probe, ReadOnlySession session)
    {
        string[] names = [.. probe.Model.Tables.Select(table => table.Name), LedgerTable.Name];
        var tables = await session.QueryAsync(
            Sql(probe.Connection), Read, probe.CancellationToken, Parameter.Of(probe.Connection.Schema), Parameter.Of(names)).ConfigureAwait(false);
        return names.FirstOrDefault(name => tables.TrueForAll(table => table.Of != name)) is { } missing
            ? throw MissingTable.Error(probe.Connection, missing)
            : [.. tables.SelectMany(table => Results(probe, table))];
    }

    private static Table Read(NpgsqlDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        row.GetInt64(2),
        row.GetInt64(3),
        row.GetInt64(4),
        row.GetInt64(5),
        row.IsDBNull(6) ? null : row.GetDouble(6),
        row.IsDBNull(7) ? null : row.GetDouble(7),
        row.GetInt64(8),
        row.IsDBNull(9) ? null : row.GetDouble(9),
        row.IsDBNull(10) ? null : row.GetDouble(10));

    private static HealthResult[] Results(HealthProbe probe, Table table)
    {
        var name = probe.Connection.Quote(table.Name);
        var due = Math.Max(FewRows, DueShare * table.Live);
        return
        [
            DeadRows(probe, table, name),
            Bloat(probe, table, name),
            Maintained(
                probe, HealthCheck.LastVacuum, table, table.SinceVacuum, table.Dead + table.Inserted > due, $"VACUUM {name}"),
            Maintained(
                probe, HealthCheck.LastAnalyze, table, table.SinceAnalyze, table.Modified > due, $"ANALYZE {name}"),
        ];
    }

    private static HealthResult DeadRows(HealthProbe probe, Table table, string name)
    {
        var share = table.Dead / Math.Max(1.0, table.Live + table.Dead);
        return table.Dead < FewRows
            ? probe.Fine(HealthCheck.DeadRows, table.Name, share)
            : probe.Result(
                HealthCheck.DeadRows,
                table.Name,
                share,
                $"{DisplayText.Count(table.Dead)} rows are dead. Run VACUUM {name}; if that does not help, a long transaction or a replication slot retains them.");
    }

    private static HealthResult Bloat(HealthProbe probe, Table table, string name)
    {
        if (table.Bytes < SmallTable)
        {
            return probe.Fine(HealthCheck.Bloat, table.Name, table.Needed is { } small && table.Bytes > 0 ? Unused(table.Bytes, small) : null);
        }

        return table.Needed is { } needed
            ? probe.Result(
                HealthCheck.Bloat,
                table.Name,
                Unused(table.Bytes, needed),
                $"Its rows would need {DisplayText.Bytes((long)needed)} of {DisplayText.Bytes(table.Bytes)}. New rows reuse the space; VACUUM FULL {name} frees it, but locks the table meanwhile.")
            : probe.Without(
                HealthCheck.Bloat, table.Name, HealthStatus.Unknown, $"No statistics: run ANALYZE {name}, or GRANT SELECT on it to see them.");
    }

    private static double Unused(long bytes, double needed) => Math.Max(0, 1 - (needed / bytes));

    /// <summary>A table that little has happened to since needs nothing, however long ago it was looked after.</summary>
    private static HealthResult Maintained(HealthProbe probe, string check, Table table, double? since, bool isDue, string command)
    {
        var advice = $"Run {command}, and find out why autovacuum does not (autovacuum, autovacuum_max_workers, storage parameters of the table).";
        const string Never = "Never done, as far as the server knows; the value is the time since the first batch.";
        return (isDue, since ?? table.SinceFirstBatch) switch
        {
            (false, _) => probe.Fine(check, table.Name, since),
            (true, null) => probe.Without(check, table.Name, HealthStatus.Warning, $"Never done, as far as the server knows. {advice}"),
            (true, { } waiting) => probe.Result(check, table.Name, waiting, since is null ? $"{Never} {advice}" : advice),
        };
    }

    private sealed record Table(
        string Of,
        string Name,
        long Live,
        long Dead,
        long Inserted,
        long Modified,
        double? SinceVacuum,
        double? SinceAnalyze,
        long Bytes,
        double? Needed,
        double? SinceFirstBatch);
}
