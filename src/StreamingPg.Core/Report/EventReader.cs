using StreamingPg.Core.Connections;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Report;

/// <summary>Reads when the events of a table happened, when they were loaded, and how late they were.</summary>
internal sealed class EventReader(DatabaseConnection connection, StreamModel model, ReportOptions options)
{
    private const int MostStretches = 170;

    // What no calendar has stays out.
    private const string IsFinite = "event BETWEEN '0001-01-01' AND '9999-12-31'";

    /// <summary>The figures of the largest table whose events happen by themselves; null when there is none.</summary>
    /// <param name="growth">The sizes of the tables.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<EventFigures?> ReadAsync(IReadOnlyList<TableGrowth> growth, CancellationToken cancellationToken)
    {
        // Lines happen with what they belong to.
        var largest = growth.OrderByDescending(table => table.Rows).Select(table => model.Find(table.Table))
            .FirstOrDefault(table => table is not null && RowTimestamp.Of(table) is { After: null });
        if (largest is null)
        {
            return null;
        }

        await using var session = await ReadOnlySession.BeginAsync(
            connection, options.StatementTimeout, "reading event times", cancellationToken).ConfigureAwait(false);
        var range = new TimeRange(options.Since, options.Until);
        var events = EventsSql(largest);
        var week = new long[7, 24];
        foreach (var (day, hour, count) in await session.QueryAsync(
            $"SELECT extract(isodow FROM event)::int, extract(hour FROM event)::int, count(*) FROM {events} WHERE {IsFinite} GROUP BY 1, 2",
            row => (row.GetInt32(0), row.GetInt32(1), row.GetInt64(2)),
            cancellationToken,
            range.Parameters).ConfigureAwait(false))
        {
            week[day - 1, hour] = count;
        }

        return new EventFigures(
            largest.Name,
            [.. Enumerable.Range(0, 7).Select(day => (IReadOnlyList<long>)[.. Enumerable.Range(0, 24).Select(hour => week[day, hour])])],
            await ReadStretchesAsync(session, largest, events, range, cancellationToken).ConfigureAwait(false),
            IsKeyTimed(largest) ? await ReadLatenessAsync(session, events, range, cancellationToken).ConfigureAwait(false) : null);
    }

    private string EventsSql(TableModel table)
    {
        var column = RowTimestamp.Of(table)!;
        var name = Identifier.Quote(column.Name);
        var isZoned = column.Type.Kind == ColumnKind.TimestampTz;
        var key = IsKeyTimed(table) ? $"{Identifier.Quote(table.PrimaryKey[0])}::text" : "NULL::text";
        return $"(SELECT {name}{(isZoned ? " AT TIME ZONE 'UTC'" : "")} AS event, {key} AS key FROM {connection.Quote(table.Name)} "
            + $"WHERE {(isZoned ? TimeRange.Holds(name) : TimeRange.HoldsUtc(name))}) AS e";
    }

    /// <summary>True when the key of a row tells the reference time of its batch (UUID, version 7).</summary>
    private static bool IsKeyTimed(TableModel table) =>
        table.PrimaryKey is [var key] && table.Column(key) is { Type.Kind: ColumnKind.Uuid } && !table.Refers(key);

    private async Task<EventStretches?> ReadStretchesAsync(
        ReadOnlySession session, TableModel table, string events, TimeRange range, CancellationToken cancellationToken)
    {
        var ends = (await session.QueryAsync(
            $"SELECT min(event), max(event) FROM {events} WHERE {IsFinite}",
            row => row.IsDBNull(0) ? default : (First: row.GetDateTime(0), Last: row.GetDateTime(1)),
            cancellationToken,
            range.Parameters).ConfigureAwait(false))[0];
        if (ends == default)
        {
            return null;
        }

        var loads = await session.QueryAsync(
            $"SELECT committed_at AT TIME ZONE 'UTC', (rows ->> $3)::bigint FROM {connection.Quote(LedgerTable.Name)} "
                + $"WHERE kind IN {LedgerKind.LoadsSql} AND rows ? $3 AND {TimeRange.Holds("committed_at")}",
            row => (Time: row.GetDateTime(0), Rows: row.GetInt64(1)),
            cancellationToken,
            [.. range.Parameters, Parameter.Of(table.Name)]).ConfigureAwait(false);
        var (first, last) = (Earlier(ends.First, loads.Select(load => load.Time)), loads.Select(load => load.Time).Append(ends.Last).Max());
        var length = Timeline.LengthFor(first, last, MostStretches);
        var start = new DateTime(first.Ticks / length.Ticks * length.Ticks);
        var happened = new long[(int)((last - start).Ticks / length.Ticks) + 1];
        var loaded = new long[happened.Length];
        foreach (var (stretch, count) in await session.QueryAsync(
            $"SELECT floor(extract(epoch FROM event - $3::timestamp) / $4)::int, count(*) FROM {events} WHERE {IsFinite} GROUP BY 1",
            row => (row.GetInt32(0), row.GetInt64(1)),
            cancellationToken,
            [.. range.Parameters, Parameter.Timestamp(start), Parameter.Of(length.TotalSeconds)]).ConfigureAwait(false))
        {
            happened[Math.Clamp(stretch, 0, happened.Length - 1)] += count;
        }

        foreach (var (time, rows) in loads)
        {
            loaded[(int)((time - start).Ticks / length.Ticks)] += rows;
        }

        return new EventStretches(start, length, happened, loaded);
    }

    private static DateTime Earlier(DateTime first, IEnumerable<DateTime> others) => others.Append(first).Min();

    private static async Task<IReadOnlyList<long>> ReadLatenessAsync(
        ReadOnlySession session, string events, TimeRange range, CancellationToken cancellationToken)
    {
        var counts = new long[EventFigures.Lateness.Count];
        foreach (var (interval, count) in await session.QueryAsync(
            $"""
            SELECT width_bucket(extract(epoch FROM (timestamp 'epoch' + ('x0000' || substr(replace(key, '-', ''), 1, 12))::bit(64)::bigint * interval '1 millisecond') - event)::float8, $3), count(*)
            FROM {events} WHERE {IsFinite} AND substr(key, 15, 1) = '7' GROUP BY 1
            """,
            row => (row.GetInt32(0), row.GetInt64(1)),
            cancellationToken,
            [.. range.Parameters, Parameter.Of(EventFigures.Lateness.Skip(1).Select(interval => interval.From.TotalSeconds).ToArray())]).ConfigureAwait(false))
        {
            counts[interval] = count;
        }

        return counts;
    }
}

/// <summary>When the events of a table happened.</summary>
/// <param name="Table">The table.</param>
/// <param name="Week">Events by weekday, from Monday, and hour (UTC).</param>
/// <param name="Stretches">Events and loads over time; null where there is nothing.</param>
/// <param name="Late">Events by <see cref="Lateness"/>; null where keys do not tell.</param>
internal sealed record EventFigures(string Table, IReadOnlyList<IReadOnlyList<long>> Week, EventStretches? Stretches, IReadOnlyList<long>? Late)
{
    /// <summary>The intervals of lateness: the name of each and where it begins.</summary>
    public static IReadOnlyList<(string Name, TimeSpan From)> Lateness { get; } =
    [
        ("under 1 s", TimeSpan.Zero), ("1 to 10 s", TimeSpan.FromSeconds(1)), ("10 s to 1 min", TimeSpan.FromSeconds(10)), ("1 to 5 min", TimeSpan.FromMinutes(1)),
        ("5 min to 1 h", TimeSpan.FromMinutes(5)), ("1 to 6 h", TimeSpan.FromHours(1)), ("6 h to 1 d", TimeSpan.FromHours(6)), ("1 to 7 d", TimeSpan.FromDays(1)),
        ("7 to 30 d", TimeSpan.FromDays(7)), ("more", TimeSpan.FromDays(30)),
    ];
}

/// <summary>Events and loads over time, in stretches of equal length.</summary>
/// <param name="Start">The beginning of the first (UTC).</param>
/// <param name="Length">Their length.</param>
/// <param name="Happened">Events that happened in each.</param>
/// <param name="Loaded">Rows that were loaded in each, by the ledger.</param>
internal sealed record EventStretches(DateTime Start, TimeSpan Length, IReadOnlyList<long> Happened, IReadOnlyList<long> Loaded);
