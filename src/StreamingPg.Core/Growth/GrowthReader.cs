using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Growth;

/// <summary>Reads size and growth of the tables.</summary>
internal static class GrowthReader
{
    /// <summary>How far to look back when nothing else is asked.</summary>
    public static readonly TimeSpan DefaultPeriod = TimeSpan.FromDays(1);

    // So few take no time to count.
    private const int MostPagesCounted = 1024;

    // The estimate is the planner's: rows per page when the table was last analyzed, times the pages it has now. A table that
    // never was analyzed has the count of the statistics collector, if that saw any row. Leaves of a partitioned table add up.
    private const string SizesSql = """
        SELECT c.relname::text, sum(pg_table_size(leaf.oid))::bigint, sum(pg_indexes_size(leaf.oid))::bigint, sum(leaf.pages)::bigint,
               CASE WHEN count(*) = count(leaf.estimate) THEN sum(leaf.estimate)::bigint END
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL (
            SELECT l.oid, pages,
                   CASE WHEN pages = 0 THEN 0
                        WHEN l.relpages > 0 AND l.reltuples >= 0 THEN l.reltuples / l.relpages * pages
                        ELSE nullif(pg_stat_get_live_tuples(l.oid), 0) END AS estimate
            FROM (SELECT c.oid UNION SELECT relid FROM pg_partition_tree(c.oid)) AS part (oid)
            JOIN pg_class l ON l.oid = part.oid
            CROSS JOIN LATERAL (SELECT pg_relation_size(l.oid) / current_setting('block_size')::int) AS size (pages)) AS leaf
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p')
        GROUP BY c.relname
        """;

    /// <summary>One result per table of the model, in loading order.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="period">How far <see cref="TableGrowth.InPeriod"/> looks back.</param>
    /// <param name="estimate">True to estimate the rows of tables that take long to count, by the ledger or the planner.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    /// <exception cref="StreamingException">A table or the ledger is missing, or the server refused a query.</exception>
    public static async Task<IReadOnlyList<TableGrowth>> ReadAsync(
        DatabaseConnection connection, StreamModel model, TimeSpan period, bool estimate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        if (period <= TimeSpan.Zero)
        {
            throw new StreamingException(
                ErrorIds.PeriodNotPositive,
                StreamingErrorKind.InvalidInput,
                $"The period {period} is not a time to look back over.",
                "Give a positive one, such as 1d.",
                period);
        }

        try
        {
            // Count and ledger are of one snapshot, so that they agree while a stream is running.
            await using var session = await Session.BeginAsync(connection, SessionKind.Snapshot, cancellationToken).ConfigureAwait(false);
            return await ReadAsync(session.Open, connection, model, period, estimate, cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, "reading growth");
        }
    }

    private static async Task<IReadOnlyList<TableGrowth>> ReadAsync(
        NpgsqlConnection session, DatabaseConnection connection, StreamModel model, TimeSpan period, bool estimate, CancellationToken cancellationToken)
    {
        var sizes = await ReadSizesAsync(session, connection, model, cancellationToken).ConfigureAwait(false);
        model = await LayoutReader.ReadAsync(session, connection.Schema, model, cancellationToken).ConfigureAwait(false);
        await ShardSizes.AddAsync(session, connection, model, sizes, cancellationToken).ConfigureAwait(false);
        var growth = new LedgerGrowth(session, connection.Quote(LedgerTable.Name), cancellationToken);
        var lastBatch = await growth.OfLastBatchAsync().ConfigureAwait(false);
        var inPeriod = await growth.InPeriodAsync(period).ConfigureAwait(false);
        var updated = await growth.UpdatedInPeriodAsync(period).ConfigureAwait(false);
        var all = estimate ? await growth.OfAllAsync().ConfigureAwait(false) : [];
        var hidden = await RowSecurity.ReadAsync(
            session, connection.Schema, [.. model.Tables.Select(table => table.Name)], cancellationToken).ConfigureAwait(false);
        var results = new List<TableGrowth>();
        foreach (var table in model.Tables)
        {
            var size = sizes[table.Name];
            var isCounted = !estimate || size.Pages <= MostPagesCounted;
            results.Add(new TableGrowth
            {
                Table = table.Name,
                Rows = isCounted
                    ? await CountAsync(session, connection.Quote(table.Name), cancellationToken).ConfigureAwait(false)
                    : Estimate(size.EstimatedRows, all.GetValueOrDefault(table.Name)),
                IsEstimate = estimate,
                IsPartlyVisible = isCounted && hidden.Any(security => security.Table == table.Name),
                LastBatch = lastBatch.GetValueOrDefault(table.Name),
                InPeriod = inPeriod.GetValueOrDefault(table.Name),
                UpdatedInPeriod = updated.GetValueOrDefault(table.Name),
                Period = period,
                TableBytes = size.TableBytes,
                IndexBytes = size.IndexBytes,
            });
        }

        return results;
    }

    /// <summary>
    /// What the ledger adds up to, as long as the planner does not contradict it: others may have loaded or deleted rows. The planner
    /// guesses from the rows per page when the table was last analyzed.
    /// </summary>
    private static long Estimate(long? planned, long ledger) =>
        planned is not { } guess || (guess <= 2 * ledger && ledger <= 2 * guess) ? ledger : guess;

    private static async Task<Dictionary<string, TableSize>> ReadSizesAsync(
        NpgsqlConnection session, DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        string[] names = [.. model.Tables.Select(table => table.Name), LedgerTable.Name];
        var sizes = new Dictionary<string, TableSize>(StringComparer.Ordinal);
        var commands = new CommandBatch(session);
        commands.Query(
            SizesSql,
            row => sizes.Add(
                row.GetString(0), new TableSize(row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.IsDBNull(4) ? null : row.GetInt64(4))),
            Parameter.Of(connection.Schema),
            Parameter.Of(names));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return names.FirstOrDefault(name => !sizes.ContainsKey(name)) is { } missing
            ? throw MissingTable.Error(connection, missing)
            : sizes;
    }

    private static async Task<long> CountAsync(NpgsqlConnection session, string table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT count(*) FROM {table}", session) { CommandTimeout = 0 };
        return (long)(await command.ReadValueAsync(cancellationToken).ConfigureAwait(false))!;
    }
}

/// <summary>What the catalog knows about the size of a table.</summary>
/// <param name="TableBytes">Bytes on disk, TOAST included.</param>
/// <param name="IndexBytes">Bytes of its indexes.</param>
/// <param name="Pages">Pages of its rows.</param>
/// <param name="EstimatedRows">Rows as the planner would guess; null when the server knows nothing yet.</param>
internal sealed record TableSize(long TableBytes, long IndexBytes, long Pages, long? EstimatedRows);
