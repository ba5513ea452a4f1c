using System.Runtime.CompilerServices;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Growth;

/// <summary>Watches tables grow.</summary>
internal static class GrowthWatch
{
    private const int RecentLooks = 60;

    /// <summary>
    /// Looks again and again; each look gives one result per table, in loading order. Rows begin with the server's estimate and
    /// then follow the ledger, so that no table is read: what others load or delete is seen only by an exact watch.
    /// </summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="options">How often, how long and how.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StreamingException">The options are not usable, a table is missing, or the server refused a query.</exception>
    public static async IAsyncEnumerable<IReadOnlyList<TableRate>> WatchAsync(
        DatabaseConnection connection,
        StreamModel model,
        WatchOptions options,
        TimeProvider time,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        options.Validate();
        var start = time.GetTimestamp();
        var tail = new LedgerTail(connection);
        IReadOnlyList<TableRate> last = [];
        var lastLook = TimeSpan.Zero;
        for (var look = 1L; ; look++)
        {
            var added = options.Exact ? [] : await tail.ReadAsync(cancellationToken).ConfigureAwait(false);
            var counted = options.Exact || last.Count == 0
                ? await CountAsync(connection, model, options, cancellationToken).ConfigureAwait(false)
                : last.ToDictionary(table => table.Table, table => table.Rows + added.GetValueOrDefault(table.Table));
            var now = time.GetElapsedTime(start);
            last = [.. model.Tables.Select((table, index) =>
                Rate(table.Name, counted[table.Name], last.ElementAtOrDefault(index), now - lastLook, !options.Exact, time))];
            lastLook = now;
            yield return last;
            if (NextLook(options, time.GetElapsedTime(start), look) is not { } due)
            {
                yield break;
            }

            var wait = due - time.GetElapsedTime(start);
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>When the next look is due, a multiple of the interval after the start; null when there is none.</summary>
    private static TimeSpan? NextLook(WatchOptions options, TimeSpan elapsed, long looks)
    {
        var due = options.Interval * (Math.Floor(elapsed / options.Interval) + 1);
        return looks >= options.Count || due > options.Duration ? null : due;
    }

    private static async Task<Dictionary<string, long>> CountAsync(
        DatabaseConnection connection, StreamModel model, WatchOptions options, CancellationToken cancellationToken)
    {
        var growth = await GrowthReader.ReadAsync(connection, model, options.Interval, !options.Exact, cancellationToken).ConfigureAwait(false);
        return growth.ToDictionary(table => table.Table, table => table.Rows);
    }

    private static TableRate Rate(string table, long rows, TableRate? before, TimeSpan elapsed, bool isEstimate, TimeProvider time)
    {
        var rate = new TableRate
        {
            Time = time.GetUtcNow().UtcDateTime,
            Table = table,
            Rows = rows,
            IsEstimate = isEstimate,
            Delta = before is null ? 0 : rows - before.Rows,
            Elapsed = before is null ? TimeSpan.Zero : elapsed,
        };
        return before is null ? rate : rate with { RecentRates = [.. before.RecentRates.TakeLast(RecentLooks - 1), rate.RowsPerSecond] };
    }
}
