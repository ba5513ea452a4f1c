using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;

namespace StreamingPg.Core.Health;

/// <summary>Whether batches come when they should.</summary>
internal static class ScheduleHealth
{
    // Fewer say little about a schedule, and more of them may be of an older one.
    private const int FewestGaps = 10;
    private const int MostBatches = 100;
    private const int MostRows = 1000;

    // Someone who loads by hand a few times in a row has no schedule that he could miss by seconds.
    private static readonly TimeSpan ShortestInferred = TimeSpan.FromSeconds(10);

    public static async Task<IReadOnlyList<HealthResult>> CheckAsync(HealthProbe probe, ReadOnlySession session)
    {
        var latest = (await session.QueryAsync(Sql(probe), Read, probe.CancellationToken).ConfigureAwait(false))[0];
        return [Age(probe, latest), Lag(probe, latest)];
    }

    private static string Sql(HealthProbe probe) =>
        $"""
        WITH batch AS (
            SELECT min(started_at) AS started, max(committed_at) AS committed
            FROM (SELECT batch_id, batch_number, started_at, committed_at FROM {probe.Connection.Quote(LedgerTable.Name)} AS l
                  WHERE kind IN {LedgerKind.LoadsSql} {RunningOnly(probe)} ORDER BY batch_number DESC, part DESC LIMIT {MostRows}) AS part
            GROUP BY batch_id ORDER BY min(batch_number) DESC LIMIT {MostBatches}),
        gap AS (SELECT extract(epoch FROM started - lag(started) OVER (ORDER BY started))::float8 AS seconds FROM batch)
        SELECT (SELECT extract(epoch FROM now() - max(committed))::float8 FROM batch), count(seconds),
               percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY seconds), max(seconds),
               (SELECT max(committed_at) FROM {probe.Connection.Quote(LedgerTable.Name)} WHERE kind = '{LedgerKind.StreamEnd}')
        FROM gap
        """;

    // Whoever gives a schedule says that batches should come; where none is given, a stream that ended as requested has none.
    private static string RunningOnly(HealthProbe probe) =>
        probe.Options.Schedule is null ? $"AND NOT {StreamEnd.HasEndedSql(probe.Connection)}" : "";

    private static Latest Read(NpgsqlDataReader row) => new(
        row.IsDBNull(0) ? null : Math.Max(0, row.GetDouble(0)),
        row.GetInt64(1),
        row.IsDBNull(2) ? [] : row.GetFieldValue<double[]>(2),
        row.IsDBNull(3) ? 0 : row.GetDouble(3),
        row.IsDBNull(4) ? null : row.GetDateTime(4));

    private static HealthResult Age(HealthProbe probe, Latest latest) => (latest.Age, Interval(probe, latest)) switch
    {
        (null, null) when latest.StreamEnded is { } ended => probe.Fine(HealthCheck.BatchAge, LedgerTable.Name, null, Ended(ended)),
        (null, null) => probe.Without(HealthCheck.BatchAge, LedgerTable.Name, HealthStatus.Unknown, "The ledger has no batch yet."),
        (null, _) => probe.Without(
            HealthCheck.BatchAge, LedgerTable.Name, HealthStatus.Critical, "The ledger has no batch, but the schedule expects batches. Start the stream."),
        (_, null) => NoSchedule(probe, HealthCheck.BatchAge) with { Value = latest.Age },
        ({ } age, { } interval) => probe.Result(
            HealthCheck.BatchAge,
            LedgerTable.Name,
            age,
            $"A batch is due every {DisplayText.Duration(interval)}. Check whether the stream is running, and read its log.",
            interval.TotalSeconds),
    };

    private static HealthResult Lag(HealthProbe probe, Latest latest) =>
        Interval(probe, latest) is not { } interval
            ? latest is { Age: null, StreamEnded: { } ended }
                ? probe.Fine(HealthCheck.Lag, LedgerTable.Name, null, Ended(ended))
                : NoSchedule(probe, HealthCheck.Lag)
            : probe.Result(
                HealthCheck.Lag,
                LedgerTable.Name,
                Math.Max(0, latest.LargestGap - interval.TotalSeconds),
                $"One of the latest batches started this late, with one batch every {DisplayText.Duration(interval)}. "
                + "Check the log of the stream for retries, or use a longer interval.",
                interval.TotalSeconds);

    private static string Ended(DateTime time) => $"The last stream ended as requested, at {DisplayText.Instant(time)}.";

    /// <summary>The interval that was given, else the usual one of the latest batches where they come regularly.</summary>
    private static TimeSpan? Interval(HealthProbe probe, Latest latest)
    {
        if (probe.Options.Schedule is not null || latest.Gaps < FewestGaps)
        {
            return probe.Options.Schedule;
        }

        // Arrivals at random (Poisson) still count as regular: their quartiles are 0.4 and 2 times the median.
        var (low, usual, high) = (latest.Quartiles[0], latest.Quartiles[1], latest.Quartiles[2]);
        return low >= usual / 3 && high <= usual * 3
            ? TimeSpan.FromSeconds(Math.Max(usual, ShortestInferred.TotalSeconds))
            : null;
    }

    private static HealthResult NoSchedule(HealthProbe probe, string check) => probe.Without(
        check, LedgerTable.Name, HealthStatus.Unknown, "The batches in the ledger are not regular. Set the interval with -Schedule (--schedule).");

    private sealed record Latest(double? Age, long Gaps, double[] Quartiles, double LargestGap, DateTime? StreamEnded);
}
