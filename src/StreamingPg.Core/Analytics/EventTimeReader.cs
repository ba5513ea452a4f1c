using StreamingPg.Core.Connections;
using StreamingPg.Core.Growth;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Analytics;

/// <summary>Reads when the events of a table happened, when they were loaded, and how late they were.</summary>
internal sealed class EventTimeReader(DatabaseConnection connection, TableModel table, AnalyticsOptions options)
{
    // What no calendar has stays out.
    private const string IsFinite = "event BETWEEN '0001-01-01' AND '9999-12-31'";

    private readonly TimeRange _range = new(options.Since, options.Until);

    /// <summary>The event times of a table, grouped.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">Its tables.</param>
    /// <param name="table">The table; null means the largest whose events happen by themselves.</param>
    /// <param name="by">What each result counts.</param>
    /// <param name="options">Which events are counted, and how long that may take.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    /// <exception cref="StreamingException">No such table, no row timestamp, no lateness in its keys, or the server refused a query.</exception>
    public static async Task<IReadOnlyList<EventTimeCount>> ReadAsync(
        DatabaseConnection connection, StreamModel model, string? table, EventTimeGrouping by, AnalyticsOptions options, CancellationToken cancellationToken)
    {
        var counted = table is not null
            ? InputTable.Find(model, table).Table
            : Largest(model, await GrowthReader.ReadAsync(connection, model, TimeSpan.FromDays(1), estimate: true, cancellationToken).ConfigureAwait(false))
                ?? throw new StreamingException(
                    ErrorIds.NoTimeColumn,
                    StreamingErrorKind.InvalidInput,
                    "No table has a row timestamp (TIMESTAMP or TIMESTAMPTZ), so nothing says when events happened.",
                    "Give metadata with a time column.");
        TimeColumn.Require(counted, "event times");
        var reader = new EventTimeReader(connection, counted, options);
        await using var session = await reader.BeginAsync(cancellationToken).ConfigureAwait(false);
        return by switch
        {
            EventTimeGrouping.Time => (await reader.ReadStretchesAsync(session, cancellationToken).ConfigureAwait(false))?.Counts(counted.Name) ?? [],
            EventTimeGrouping.Lateness => EventFigures.LateCounts(counted.Name, await reader.ReadLatenessAsync(session, cancellationToken).ConfigureAwait(false)
                ?? throw NoBatchTime(counted)),
            _ => EventFigures.WeekCounts(counted.Name, await reader.ReadWeekAsync(session, cancellationToken).ConfigureAwait(false)),
        };
    }

    /// <summary>The largest table whose events happen by themselves: line items happen with what they belong to. Null when there is none.</summary>
    public static TableModel? Largest(StreamModel model, IReadOnlyList<TableGrowth> growth) =>
        growth.OrderByDescending(size => size.Rows).Select(size => model.Find(size.Table))
            .FirstOrDefault(found => found is not null && RowTimestamp.Of(found) is { After: null });

    /// <summary>All figures about the event times.</summary>
    public async Task<EventFigures> ReadAllAsync(CancellationToken cancellationToken)
    {
        await using var session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        return new EventFigures(
            table.Name,
            await ReadWeekAsync(session, cancellationToken).ConfigureAwait(false),
            await ReadStretchesAsync(session, cancellationToken).ConfigureAwait(false),
            await ReadLatenessAsync(session, cancellationToken).ConfigureAwait(false));
    }

    private Task<ReadOnlySession> BeginAsync(CancellationToken cancellationToken) =>
        ReadOnlySession.BeginAsync(connection, options.StatementTimeout, "reading event times", cancellationToken);

    private async Task<IReadOnlyList<IReadOnlyList<long>>> ReadWeekAsync(ReadOnlySession session, CancellationToken cancellationToken)
    {
        var week = new long[7, 24];
        foreach (var (day, hour, count) in await session.QueryAsync(
            $"SELECT extract(isodow FROM event)::int, extract(hour FROM event)::int, count(*) FROM {Events} WHERE {IsFinite} GROUP BY 1, 2",
            row => (row.GetInt32(0), row.GetInt32(1), row.GetInt64(2)),
            cancellationToken,
            _range.Parameters).ConfigureAwait(false))
        {
            week[day - 1, hour] = count;
        }

        // Arrays, because PowerShell indexes no list of a type that only this assembly sees.
        return [.. Enumerable.Range(0, 7).Select(day => Enumerable.Range(0, 24).Select(hour => week[day, hour]).ToArray())];
    }

    private string Events
    {
        get
        {
            var column = RowTimestamp.Of(table)!;
            var name = Identifier.Quote(column.Name);
            var isZoned = column.Type.Kind == ColumnKind.TimestampTz;
            var key = IsKeyTimed ? $"{Identifier.Quote(table.PrimaryKey[0])}::text" : "NULL::text";
            return $"(SELECT {name}{(isZoned ? " AT TIME ZONE 'UTC'" : "")} AS event, {key} AS key FROM {connection.Quote(table.Name)} "
                + $"WHERE {(isZoned ? TimeRange.Holds(name) : TimeRange.HoldsUtc(name))}) AS e";
        }
    }

    /// <summary>True when the key of a row tells the reference time of its batch (UUID, version 7).</summary>
    private bool IsKeyTimed =>
        table.PrimaryKey is [var key] && table.Column(key) is { Type.Kind: ColumnKind.Uuid } && !table.Refers(key);

    private async Task<EventStretches?> ReadStretchesAsync(ReadOnlySession session, CancellationToken cancellationToken)
    {
        var ends = (await session.QueryAsync(
            $"SELECT min(event), max(event) FROM {Events} WHERE {IsFinite}",
            row => row.IsDBNull(0) ? default : (First: row.GetDateTime(0), Last: row.GetDateTime(1)),
            cancellationToken,
            _range.Parameters).ConfigureAwait(false))[0];
        if (ends == default)
        {
            return null;
        }

        var loads = await session.QueryAsync(
            $"SELECT committed_at AT TIME ZONE 'UTC', (rows ->> $3)::bigint FROM {connection.Quote(LedgerTable.Name)} "
                + $"WHERE kind IN {LedgerKind.LoadsSql} AND rows ? $3 AND {TimeRange.Holds("committed_at")}",
            row => (Time: row.GetDateTime(0), Rows: row.GetInt64(1)),
            cancellationToken,
            [.. _range.Parameters, Parameter.Of(table.Name)]).ConfigureAwait(false);
        var (first, last) = (Earlier(ends.First, loads.Select(load => load.Time)), loads.Select(load => load.Time).Append(ends.Last).Max());
        var (start, length, count) = Stretch.Cover(first, last);
        var happened = new long[count];
        var loaded = new long[happened.Length];
        foreach (var (stretch, events) in await session.QueryAsync(
            $"SELECT floor(extract(epoch FROM event - $3::timestamp) / $4)::int, count(*) FROM {Events} WHERE {IsFinite} GROUP BY 1",
            row => (row.GetInt32(0), row.GetInt64(1)),
            cancellationToken,
            [.. _range.Parameters, Parameter.Timestamp(start), Parameter.Of(length.TotalSeconds)]).ConfigureAwait(false))
        {
            happened[Math.Clamp(stretch, 0, happened.Length - 1)] += events;
        }

        foreach (var (time, rows) in loads)
        {
            loaded[(int)((time - start).Ticks / length.Ticks)] += rows;
        }

        return new EventStretches(start, length, happened, loaded);
    }

    private static DateTime Earlier(DateTime first, IEnumerable<DateTime> others) => others.Append(first).Min();

    /// <summary>Rows by lateness; null where keys do not tell.</summary>
    private async Task<IReadOnlyList<long>?> ReadLatenessAsync(ReadOnlySession session, CancellationToken cancellationToken)
    {
        if (!IsKeyTimed)
        {
            return null;
        }

        var counts = new long[EventFigures.Lateness.Count];
        foreach (var (interval, count) in await session.QueryAsync(
            $"""
            SELECT width_bucket(extract(epoch FROM (timestamp 'epoch' + ('x0000' || substr(replace(key, '-', ''), 1, 12))::bit(64)::bigint * interval '1 millisecond') - event)::float8, $3), count(*)
            FROM {Events} WHERE {IsFinite} AND substr(key, 15, 1) = '7' GROUP BY 1
            """,
            row => (row.GetInt32(0), row.GetInt64(1)),
            cancellationToken,
            [.. _range.Parameters, Parameter.Of(EventFigures.Lateness.Skip(1).Select(interval => interval.From.TotalSeconds).ToArray())]).ConfigureAwait(false))
        {
            counts[interval] = count;
        }

        return counts;
    }

    private static StreamingException NoBatchTime(TableModel table) => new(
        ErrorIds.NoBatchTime,
        StreamingErrorKind.InvalidInput,
        $"The keys of table \"{table.Name}\" do not tell when a row's batch was: only UUID keys of version 7 do.",
        "Group by Time instead, which compares events with the ledger.",
        table.Name);
}
