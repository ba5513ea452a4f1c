using Npgsql;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Report;

/// <summary>Reads the ledger as a <see cref="Timeline"/>: two passes over the ledger, none over the tables.</summary>
internal sealed class TimelineReader(DatabaseConnection connection, ReportOptions options)
{
    private readonly LedgerFilter _filter = new() { Since = options.Since, Until = options.Until, StatementTimeout = options.StatementTimeout };

    public async Task<Timeline> ReadAsync(CancellationToken cancellationToken)
    {
        await using var session = await ReadOnlySession.BeginAsync(
            connection, options.StatementTimeout, "reading the ledger", cancellationToken).ConfigureAwait(false);
        var parameters = LedgerQuery.Parameters(_filter);
        var (first, last) = (await session.QueryAsync(
            $"SELECT min(committed_at), max(committed_at) FROM ({LedgerQuery.Batches(connection)}) AS batch",
            row => row.IsDBNull(0) ? default : (row.GetDateTime(0), row.GetDateTime(1)),
            cancellationToken,
            parameters).ConfigureAwait(false))[0];
        if (first == default)
        {
            return new Timeline(TimeSpan.Zero, []);
        }

        var (start, length, count) = Stretch.Cover(first, last);
        var batches = await session.QueryAsync(BatchesSql, ReadBatches, cancellationToken, Parameters(start, length)).ConfigureAwait(false);
        var rows = await session.QueryAsync(RowsSql, ReadRows, cancellationToken, Parameter.Of(start), Parameter.Of(length.TotalSeconds)).ConfigureAwait(false);
        return new Timeline(length, Buckets(start, length, count, batches.ToDictionary(bucket => bucket.Bucket), rows));
    }

    private string BatchesSql =>
        $"""
        SELECT {BucketSql("$6", "$7")} AS bucket, count(*), sum(retries)::bigint,
               percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM committed_at - started_at)::float8)
        FROM ({LedgerQuery.Batches(connection)}) AS batch
        GROUP BY bucket
        """;

    private string RowsSql =>
        $"""
        SELECT greatest({BucketSql("$1", "$2")}, -1) AS bucket, added.key,
               sum(CASE WHEN kind IN {LedgerKind.RemovedSql} THEN -added.value::bigint ELSE added.value::bigint END)::bigint
        FROM {connection.Quote(LedgerTable.Name)} CROSS JOIN LATERAL jsonb_each_text(rows) AS added
        GROUP BY bucket, added.key
        """;

    private NpgsqlParameter[] Parameters(DateTime start, TimeSpan length) =>
        [.. LedgerQuery.Parameters(_filter), Parameter.Of(start), Parameter.Of(length.TotalSeconds)];

    private static string BucketSql(string start, string seconds) =>
        $"floor(extract(epoch FROM committed_at - {start}::timestamptz) / {seconds})::int";

    private static (int Bucket, long Batches, long Retries, double[] Latencies) ReadBatches(NpgsqlDataReader row) =>
        (row.GetInt32(0), row.GetInt64(1), row.GetInt64(2), row.GetFieldValue<double[]>(3));

    private static (int Bucket, string Table, long Rows) ReadRows(NpgsqlDataReader row) =>
        (row.GetInt32(0), row.GetString(1), row.GetInt64(2));

    private static List<TimelineBucket> Buckets(
        DateTime start,
        TimeSpan length,
        int count,
        Dictionary<int, (int Bucket, long Batches, long Retries, double[] Latencies)> batches,
        List<(int Bucket, string Table, long Rows)> rows)
    {
        var changes = rows.ToLookup(change => change.Bucket);
        var now = new Dictionary<string, long>(StringComparer.Ordinal);
        var buckets = new List<TimelineBucket>();
        for (var index = -1; index < count; index++)
        {
            foreach (var (_, table, added) in changes[index])
            {
                now[table] = now.GetValueOrDefault(table) + added;
            }

            if (index >= 0)
            {
                var found = batches.TryGetValue(index, out var bucket);
                buckets.Add(new TimelineBucket(
                    start + (index * length),
                    bucket.Batches,
                    bucket.Retries,
                    found ? bucket.Latencies[0] : null,
                    found ? bucket.Latencies[1] : null,
                    new Dictionary<string, long>(now)));
            }
        }

        return buckets;
    }
}

/// <summary>The ledger over time, in stretches of equal length.</summary>
/// <param name="Length">Length of a stretch.</param>
/// <param name="Buckets">The stretches in order, without a gap; empty when the ledger has nothing.</param>
internal sealed record Timeline(TimeSpan Length, IReadOnlyList<TimelineBucket> Buckets);

/// <summary>What the ledger has of one stretch of a <see cref="Timeline"/>.</summary>
/// <param name="Start">Its beginning (UTC).</param>
/// <param name="Batches">Batches and imports whose last commit lies in it.</param>
/// <param name="Retries">Attempts that failed and were repeated.</param>
/// <param name="P50">Median seconds of the batches; null if there is none.</param>
/// <param name="P95">95th percentile of the seconds; null if there is none.</param>
/// <param name="Rows">Rows per table at its end, by the ledger: loaded less removed since the beginning of the ledger.</param>
internal sealed record TimelineBucket(
    DateTime Start, long Batches, long Retries, double? P50, double? P95, IReadOnlyDictionary<string, long> Rows);
