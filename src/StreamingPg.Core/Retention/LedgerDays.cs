using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Retention;

/// <summary>
/// Sums up the ledger's rows of long ago, one row per day for what was added and one for what was removed: the ledger stays small,
/// and the sum of its rows stays the number of rows in the tables. Batches with missing chunks, and the latest batch, stay.
/// </summary>
internal static class LedgerDays
{
    /// <summary>A batch's own row stays for at least this long, so a retry of the batch finds it.</summary>
    public static readonly TimeSpan MinimumAge = TimeSpan.FromDays(7);

    private const int BatchesAtOnce = 1000;

    /// <summary>Sums up the rows from before <paramref name="before"/> (UTC), a few at a time.</summary>
    /// <returns>Rows that went.</returns>
    public static async Task<long> SumUpAsync(
        DatabaseConnection connection, DateTime before, TransientRetry retry, CancellationToken cancellationToken)
    {
        var (rows, gone) = (0L, 0L);
        do
        {
            gone = await retry.RunAsync(_ => SumUpSomeAsync(connection, before, cancellationToken), _ => false).ConfigureAwait(false);
            rows += gone;
        }
        while (gone > 0);

        return rows;
    }

    private static async Task<long> SumUpSomeAsync(DatabaseConnection connection, DateTime before, CancellationToken cancellationToken)
    {
        var gone = 0L;
        await using var session = await Session.BeginAsync(connection, SessionKind.Write, cancellationToken).ConfigureAwait(false);
        var commands = new CommandBatch(session.Open);
        commands.Query(
            Sql(connection.Quote(LedgerTable.Name)),
            row => gone = row.GetInt64(0),
            Parameter.Of(DateTime.SpecifyKind(before, DateTimeKind.Utc)),
            Parameter.Of(MinimumAge),
            Parameter.Of(BatchesAtOnce));
        session.Commit(commands);
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return gone;
    }

    // Key and number of a day's row follow from the day, so that what is summed up later adds to it. Numbers below zero are no batch's.
    private static string Sql(string ledger) =>
        $"""
        WITH old AS (
            SELECT batch_id FROM {ledger} AS b
            WHERE part = 0 AND committed_at < least($1, now() - $2) AND kind IN ('{LedgerKind.Batch}', '{LedgerKind.Import}', '{LedgerKind.Removal}')
              AND batch_number IS DISTINCT FROM (SELECT max(batch_number) FROM {ledger} WHERE kind IN {LedgerKind.LoadsSql})
              AND parts = (SELECT count(*) FROM {ledger} AS p WHERE p.batch_id = b.batch_id AND p.committed_at < least($1, now() - $2))
            ORDER BY committed_at LIMIT $3),
        gone AS (
            DELETE FROM {ledger} WHERE batch_id IN (SELECT batch_id FROM old) RETURNING kind, rows, committed_at),
        days AS (
            SELECT (committed_at AT TIME ZONE 'UTC')::date AS day,
                   CASE WHEN kind = '{LedgerKind.Removal}' THEN '{LedgerKind.RemovalDay}' ELSE '{LedgerKind.Day}' END AS kind,
                   max(committed_at) AS committed_at
            FROM gone GROUP BY 1, 2),
        sums AS (
            SELECT (g.committed_at AT TIME ZONE 'UTC')::date AS day, g.kind = '{LedgerKind.Removal}' AS removed, r.key, sum(r.value::bigint) AS rows
            FROM gone AS g CROSS JOIN LATERAL jsonb_each_text(g.rows) AS r GROUP BY 1, 2, 3),
        written AS (
            INSERT INTO {ledger} AS day (batch_id, batch_number, kind, rows, started_at, committed_at)
            SELECT md5(concat(d.kind, d.day))::uuid, -2 * (d.day - DATE '2000-01-01') - (d.kind = '{LedgerKind.Day}')::int, d.kind,
                   COALESCE((SELECT jsonb_object_agg(s.key, s.rows) FROM sums AS s
                             WHERE s.day = d.day AND s.removed = (d.kind = '{LedgerKind.RemovalDay}')), jsonb_build_object()),
                   d.committed_at, d.committed_at
            FROM days AS d
            ON CONFLICT (batch_id, part) DO UPDATE SET
                committed_at = greatest(day.committed_at, excluded.committed_at),
                rows = (SELECT COALESCE(jsonb_object_agg(key, total), jsonb_build_object()) FROM (
                            SELECT key, sum(value::bigint) AS total
                            FROM (SELECT * FROM jsonb_each_text(day.rows) UNION ALL SELECT * FROM jsonb_each_text(excluded.rows)) AS lists
                            GROUP BY key) AS added))
        SELECT count(*) FROM gone
        """;
}
