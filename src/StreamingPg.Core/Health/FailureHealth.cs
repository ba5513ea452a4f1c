using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Health;

/// <summary>Batches that stopped midway, and attempts that were repeated. A batch of which nothing was committed is in no ledger.</summary>
internal static class FailureHealth
{
    // A batch whose last part was committed just now is being loaded.
    private const string StillLoading = "interval '5 minutes'";

    public static async Task<IReadOnlyList<HealthResult>> CheckAsync(HealthProbe probe, ReadOnlySession session)
    {
        var (batches, stopped, retries) = (await session.QueryAsync(
            Sql(probe.Connection),
            row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)),
            probe.CancellationToken,
            Parameter.Of(probe.Options.Period)).ConfigureAwait(false))[0];
        var perBatch = 1.0 / Math.Max(1, batches);
        return
        [
            probe.Result(
                HealthCheck.FailureRate,
                LedgerTable.Name,
                stopped * perBatch,
                $"{stopped} of {batches} batches stopped midway. List them with Get-StreamingBatch -Status Incomplete (streamingpg ledger "
                + "--status Incomplete) and resume them with Invoke-StreamingBatch -BatchId ... -Resume, or close them with Close-StreamingBatch (streamingpg close)."),
            probe.Result(
                HealthCheck.RetryRate,
                LedgerTable.Name,
                retries * perBatch,
                $"{retries} attempts in {batches} batches failed and were retried. The log of the stream (-LogPath) says why."),
        ];
    }

    private static string Sql(DatabaseConnection connection)
    {
        var ledger = connection.Quote(LedgerTable.Name);
        return $"""
            SELECT count(*), count(*) FILTER (WHERE loaded < parts AND committed < now() - {StillLoading}), coalesce(sum(retries), 0)::bigint
            FROM (SELECT max(parts) AS parts, count(*) AS loaded, sum(retries) AS retries, max(committed_at) AS committed
                  FROM {ledger}
                  WHERE batch_id IN (SELECT batch_id FROM {ledger} WHERE committed_at >= now() - $1)
                    AND kind IN {LedgerKind.ChunksSql}
                  GROUP BY batch_id) AS batch
            """;
    }
}
