using System.Text.Json;
using Npgsql;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Growth;
using StreamingPg.Core.Health;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Dashboard;

/// <summary>
/// Reads the figures of the live page, in read-only transactions. Each time, only the latest of the ledger; sizes, health and the hours of
/// the week at most every <see cref="SlowInterval"/>, and never for more than a twentieth of the time.
/// </summary>
internal sealed class DashboardReader(DatabaseConnection connection, StreamModel model, TimeProvider time)
{
    /// <summary>Length of a stretch of the charts.</summary>
    public static readonly TimeSpan BinLength = TimeSpan.FromSeconds(15);

    /// <summary>Stretches of the charts.</summary>
    public const int Bins = 60;

    /// <summary>Time between readings of what takes longer.</summary>
    public static readonly TimeSpan SlowInterval = TimeSpan.FromSeconds(30);

    /// <summary>How far back the hours of the week go.</summary>
    public static readonly TimeSpan WeekPeriod = TimeSpan.FromDays(28);

    private const int MostCommits = 12;
    private const int SlowShare = 20;
    private static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(5);

    private readonly LedgerTail _tail = new(connection);
    private IReadOnlyList<TableGrowth>? _tables;
    private DashboardSlowFigures? _slow;
    private long _nextSlow;

    /// <summary>Reads the figures.</summary>
    /// <exception cref="StreamingException">The database cannot be reached, or refuses.</exception>
    public async Task<DashboardFigures> ReadAsync(CancellationToken cancellationToken)
    {
        var added = await _tail.ReadAsync(cancellationToken).ConfigureAwait(false);
        _tables = [.. (_tables ?? []).Select(table => Grown(table, added.GetValueOrDefault(table.Table)))];
        var slow = await ReadSlowAsync(cancellationToken).ConfigureAwait(false);
        return await ReadLedgerAsync(slow, cancellationToken).ConfigureAwait(false);
    }

    private static TableGrowth Grown(TableGrowth table, long added) => table with { Rows = table.Rows + added, InPeriod = table.InPeriod + Math.Max(0, added) };

    private async Task<DashboardSlowFigures> ReadSlowAsync(CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        if (_slow is not null && start < _nextSlow)
        {
            return _slow;
        }

        try
        {
            _tables = await GrowthReader.ReadAsync(connection, model, GrowthReader.DefaultPeriod, estimate: true, cancellationToken).ConfigureAwait(false);
            var health = new List<HealthResult>();
            await foreach (var result in HealthChecker.CheckAsync(
                connection, model, new HealthOptions { StatementTimeout = QueryTimeout }, cancellationToken).ConfigureAwait(false))
            {
                health.Add(result);
            }

            return _slow = await ReadWeekAsync(health, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Also where it failed: a server in trouble is not asked more often.
            var took = time.GetElapsedTime(start);
            var wait = took * SlowShare > SlowInterval ? took * SlowShare : SlowInterval;
            _nextSlow = time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency);
        }
    }

    private async Task<DashboardSlowFigures> ReadWeekAsync(List<HealthResult> health, CancellationToken cancellationToken)
    {
        var options = new AnalyticsOptions { Since = time.GetUtcNow().UtcDateTime - WeekPeriod, StatementTimeout = QueryTimeout };
        try
        {
            var week = await EventTimeReader.ReadAsync(connection, model, null, EventTimeGrouping.Weekday, options, cancellationToken).ConfigureAwait(false);
            return new DashboardSlowFigures(health, week[0].Table, [.. week.Select(day => day.Hours)], "");
        }
        catch (StreamingException exception) when (exception.ErrorId is ErrorIds.NoTimeColumn or ErrorIds.StatementCanceled)
        {
            return new DashboardSlowFigures(health, null, [], exception.Message);
        }
    }

    private async Task<DashboardFigures> ReadLedgerAsync(DashboardSlowFigures slow, CancellationToken cancellationToken)
    {
        await using var session = await ReadOnlySession.BeginAsync(connection, QueryTimeout, "reading the ledger", cancellationToken).ConfigureAwait(false);
        var now = (await session.QueryAsync("SELECT now()", row => row.GetDateTime(0), cancellationToken).ConfigureAwait(false))[0];
        var start = new DateTime((now.Ticks / BinLength.Ticks * BinLength.Ticks) - ((Bins - 1) * BinLength.Ticks), DateTimeKind.Utc);
        NpgsqlParameter[] Parameters() => [Parameter.Of(start), Parameter.Of(BinLength.TotalSeconds)];
        var batches = await session.QueryAsync(BatchesSql, ReadBatches, cancellationToken, Parameters()).ConfigureAwait(false);
        var rows = await session.QueryAsync(RowsSql, row => (row.GetInt32(0), row.GetInt64(1)), cancellationToken, Parameters()).ConfigureAwait(false);
        return new DashboardFigures
        {
            Time = now,
            Bins = Merge(start, batches.ToDictionary(bin => bin.Bin), rows.ToDictionary(bin => bin.Item1, bin => bin.Item2)),
            Commits = await session.QueryAsync(CommitsSql, ReadCommit, cancellationToken).ConfigureAwait(false),
            Writers = await session.QueryAsync(WritersSql, ReadWriter, cancellationToken, Parameter.Of(start)).ConfigureAwait(false),
            Tables = _tables!,
            Slow = slow,
        };
    }

    private string Ledger => connection.Quote(LedgerTable.Name);

    // Whole batches, also those of whose chunks only the last ones are recent: their time and retries are those of the report.
    private string BatchOfStretch =>
        $"""
        SELECT min(writer) AS writer, sum(retries) AS retries, max(committed_at) AS committed_at,
               extract(epoch FROM max(committed_at) - min(started_at))::float8 AS seconds
        FROM {Ledger} WHERE kind IN {LedgerKind.LoadsSql}
          AND batch_id IN (SELECT batch_id FROM {Ledger} WHERE kind IN {LedgerKind.LoadsSql} AND committed_at >= $1)
        GROUP BY batch_id
        """;

    private string BatchesSql =>
        $"""
        SELECT floor(extract(epoch FROM committed_at - $1) / $2)::int AS bin, count(*), sum(retries)::bigint,
               percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY seconds)
        FROM ({BatchOfStretch}) AS batch GROUP BY bin
        """;

    private string RowsSql =>
        $"""
        SELECT floor(extract(epoch FROM committed_at - $1) / $2)::int AS bin, sum(added.value::bigint)::bigint
        FROM {Ledger} CROSS JOIN LATERAL jsonb_each_text(rows) AS added
        WHERE kind IN {LedgerKind.LoadsSql} AND committed_at >= $1 GROUP BY bin
        """;

    private string CommitsSql =>
        $"""
        SELECT batch_number, kind, part, parts, rows::text, retries, started_at, committed_at, coalesce(writer, '')
        FROM {Ledger} WHERE kind IN {LedgerKind.LoadsSql} ORDER BY batch_number DESC, part DESC LIMIT {MostCommits}
        """;

    private string WritersSql =>
        $"""
        SELECT writer, count(*), sum(retries)::bigint, max(committed_at), percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds),
               (SELECT coalesce(sum(added.value::bigint), 0)::bigint FROM {Ledger} AS l CROSS JOIN LATERAL jsonb_each_text(l.rows) AS added
                WHERE l.kind IN {LedgerKind.LoadsSql} AND l.committed_at >= $1 AND l.writer = batch.writer)
        FROM ({BatchOfStretch}) AS batch WHERE writer IS NOT NULL GROUP BY writer ORDER BY max(committed_at) DESC LIMIT {MostCommits}
        """;

    private static (int Bin, long Batches, long Retries, double[] Seconds) ReadBatches(NpgsqlDataReader row) =>
        (row.GetInt32(0), row.GetInt64(1), row.GetInt64(2), row.GetFieldValue<double[]>(3));

    private static DashboardWriter ReadWriter(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetInt64(1), row.GetInt64(5), row.GetInt64(2), row.GetDateTime(3), row.IsDBNull(4) ? null : row.GetDouble(4));

    private static DashboardCommit ReadCommit(NpgsqlDataReader row)
    {
        using var rows = JsonDocument.Parse(row.GetString(4));
        return new DashboardCommit(
            row.GetInt64(0),
            row.GetString(1),
            row.GetInt32(2) + 1,
            row.GetInt32(3),
            [.. rows.RootElement.EnumerateObject().Select(table => new TableCount(table.Name, table.Value.GetInt64()))],
            row.GetInt32(5),
            row.GetDateTime(6),
            row.GetDateTime(7),
            row.GetString(8));
    }

    private static List<DashboardBin> Merge(
        DateTime start, Dictionary<int, (int Bin, long Batches, long Retries, double[] Seconds)> batches, Dictionary<int, long> rows) =>
    [
        .. Enumerable.Range(0, Bins).Select(bin => batches.TryGetValue(bin, out var found)
            ? new DashboardBin(start + (bin * BinLength), rows.GetValueOrDefault(bin), found.Batches, found.Retries, found.Seconds[0], found.Seconds[1])
            : new DashboardBin(start + (bin * BinLength), rows.GetValueOrDefault(bin), 0, 0, null, null)),
    ];
}
