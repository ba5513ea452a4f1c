using System.Globalization;
using Npgsql;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Catalog;

/// <summary>Reads large tables by a sample of their pages, so that neither time nor memory grows with them.</summary>
internal static class TableSample
{
    // A sample of most of a table saves nothing.
    private const double WorthIt = 1.2;

    // Rows that are near in time lie on the same page, so that rows of few pages say little of the others, and may all be gone.
    private const double LeastPages = 1000;

    // Rows per page when the table was last analyzed, times the pages that it has now; unknown where it never was.
    private const string EstimateSql =
        """
        SELECT c.relname::text, CASE WHEN count(*) = count(leaf.rows) THEN sum(leaf.rows)::float8 END, sum(leaf.pages)::float8
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL (
            SELECT pages, CASE WHEN l.relkind = 'p' OR pages = 0 THEN 0 WHEN l.relpages > 0 AND l.reltuples >= 0 THEN l.reltuples / l.relpages * pages END
            FROM (SELECT c.oid UNION SELECT relid FROM pg_catalog.pg_partition_tree(c.oid)) AS part (oid)
            JOIN pg_catalog.pg_class l ON l.oid = part.oid
            CROSS JOIN LATERAL (SELECT pg_catalog.pg_relation_size(l.oid) / pg_catalog.current_setting('block_size')::int) AS size (pages)) AS leaf (pages, rows)
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p', 'm')
        GROUP BY c.relname
        """;

    /// <summary>About how large tables are; what is no table is missing.</summary>
    /// <param name="open">An open connection.</param>
    /// <param name="schema">Their schema.</param>
    /// <param name="tables">Their names.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<Dictionary<string, TableSize>> EstimateAsync(
        NpgsqlConnection open, string schema, IEnumerable<string> tables, CancellationToken cancellationToken)
    {
        var estimates = new Dictionary<string, TableSize>(StringComparer.Ordinal);
        var commands = new CommandBatch(open);
        commands.Query(
            EstimateSql,
            row => estimates[row.GetString(0)] = new TableSize(row.IsDBNull(1) ? null : row.GetDouble(1), row.GetDouble(2)),
            Parameter.Of(schema),
            Parameter.Of(tables.ToArray()));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return estimates;
    }

    /// <summary>A table for a FROM clause: all of it, or pages chosen at random, the same each time, with about as many rows as are enough.
    /// At least about 1,000 pages are taken, whose rows may be more. A sample of a table with many empty pages may have no rows.</summary>
    /// <param name="table">The quoted name of the table.</param>
    /// <param name="alias">Its alias.</param>
    /// <param name="size">About how large it is; if that is not known, it is read as a whole.</param>
    /// <param name="rows">How many rows are enough.</param>
    public static string Sql(string table, string alias, TableSize size, int rows) => Share(size, rows) is { } share
        ? string.Create(CultureInfo.InvariantCulture, $"{table} AS {alias} TABLESAMPLE pg_catalog.system ({100 * share:0.########}) REPEATABLE (1)")
        : $"{table} AS {alias}";

    /// <summary>True when a sample of the table is read.</summary>
    public static bool IsPart(TableSize size, int rows) => Share(size, rows) is not null;

    private static double? Share(TableSize size, int rows) =>
        size.Rows is { } all && Math.Max(rows / all, LeastPages / size.Pages) is var share && WorthIt * share < 1 ? share : null;
}

/// <summary>About how large a table is.</summary>
/// <param name="Rows">Its rows; null if it was never analyzed.</param>
/// <param name="Pages">Its pages.</param>
internal readonly record struct TableSize(double? Rows, double Pages);
