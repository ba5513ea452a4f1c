using Npgsql;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Ledger;

/// <summary>Sums up what the ledger has, hour by hour or day by day.</summary>
internal static class LedgerSummaryReader
{
    /// <summary>One result for each hour or day that has a batch or import, oldest first.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="filter">Which batches are summed up.</param>
    /// <param name="period">The stretch of time of one result.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="StreamingException">There is no ledger, or the server refused the query.</exception>
    public static async Task<IReadOnlyList<LedgerSummary>> ReadAsync(
        DatabaseConnection connection, LedgerFilter filter, LedgerPeriod period, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(filter);
        var parameters = LedgerQuery.Parameters(filter);
        await using var session = await ReadOnlySession.BeginAsync(
            connection, filter.StatementTimeout, "summing up the ledger", cancellationToken).ConfigureAwait(false);
        return await session.QueryAsync(
            Sql(connection, period), row => Read(row, filter, period), cancellationToken, parameters).ConfigureAwait(false);
    }

    private static string Sql(DatabaseConnection connection, LedgerPeriod period) =>
        $"""
        SELECT date_trunc('{(period == LedgerPeriod.Day ? "day" : "hour")}', committed_at AT TIME ZONE 'UTC') AS period, now(),
               count(*), count(present), sum(retries)::bigint, coalesce(sum(added.total), 0)::bigint,
               percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM committed_at - started_at)::float8)
        FROM ({LedgerQuery.Batches(connection)}) AS batch
        CROSS JOIN LATERAL (
            SELECT sum(counted.value::bigint) AS total
            FROM jsonb_array_elements(batch.rows) AS part (rows), jsonb_each_text(part.rows) AS counted) AS added
        GROUP BY period ORDER BY period
        """;

    private static LedgerSummary Read(NpgsqlDataReader row, LedgerFilter filter, LedgerPeriod period)
    {
        var start = DateTime.SpecifyKind(row.GetDateTime(0), DateTimeKind.Utc);
        var latencies = row.GetFieldValue<double[]>(6);
        return new LedgerSummary
        {
            Start = start,
            Length = Length(start, period == LedgerPeriod.Day ? TimeSpan.FromDays(1) : TimeSpan.FromHours(1), filter, row.GetDateTime(1)),
            Batches = row.GetInt64(2),
            Incomplete = row.GetInt64(3),
            Retries = row.GetInt64(4),
            Rows = row.GetInt64(5),
            P50Latency = TimeSpan.FromSeconds(latencies[0]),
            P95Latency = TimeSpan.FromSeconds(latencies[1]),
            P99Latency = TimeSpan.FromSeconds(latencies[2]),
        };
    }

    /// <summary>The part of the period that has gone by and that the filter lets through.</summary>
    private static TimeSpan Length(DateTime start, TimeSpan whole, LedgerFilter filter, DateTime now)
    {
        var from = Math.Max(start.Ticks, (filter.Since ?? start).Ticks);
        var to = Math.Min((start + whole).Ticks, Math.Min(now.Ticks, (filter.Until ?? now).Ticks));
        return TimeSpan.FromTicks(Math.Max(0, to - from));
    }
}
