using System.Globalization;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Report.Charts;

namespace StreamingPg.Core.Report;

/// <summary>The charts about when events happened.</summary>
internal static class EventCharts
{
    // A line of a fourth of the height can still be read.
    private const int MostTimes = 4;

    public static IEnumerable<Chart> Of(EventFigures figures)
    {
        yield return Week(figures.Table, figures.Week);
        if (figures.Stretches is { } stretches)
        {
            foreach (var chart in OverTime(figures.Table, stretches))
            {
                yield return chart;
            }
        }

        if (figures.Late is { } late)
        {
            yield return Lateness(figures.Table, late);
        }
    }

    /// <summary>Events by weekday and hour.</summary>
    public static HeatMap Week(string table, IReadOnlyList<IReadOnlyList<long>> week) => new()
    {
        Title = $"Hours of the week, {table}",
        Description = $"Events by weekday and hour: {DisplayText.Count(week.Sum(day => day.Sum()))} in all, "
            + $"{DisplayText.Count(week.Skip(5).Sum(day => day.Sum()))} of them on Saturdays and Sundays.",
        Rows = EventFigures.Weekdays,
        Columns = [.. Enumerable.Range(0, 24).Select(hour => hour.ToString("00", CultureInfo.InvariantCulture))],
        PlaceUnit = "hour (UTC)",
        ValueUnit = "events",
        Values = week,
    };

    /// <summary>Events and loads on one scale, as long as both can be read on it: a history is loaded within a few minutes, and beside
    /// these its events would be a flat line.</summary>
    private static IEnumerable<LineChart> OverTime(string table, EventStretches stretches)
    {
        var time = new TimePlaces(stretches.Start, stretches.Length, stretches.Happened.Count);
        var (happened, loaded) = (Series("happened", stretches.Happened), Series("loaded", stretches.Loaded));
        return stretches.Loaded.Max() <= MostTimes * Math.Max(1, stretches.Happened.Max())
            ? [Chart("Events and loads", $"Rows by the time at which their event happened, and by the time at which they were loaded, per {time.Length}.", happened, loaded)]
            :
            [
                Chart("Events", $"Rows by the time at which their event happened, per {time.Length}.", happened),
                Chart("Loads", $"Rows by the time at which they were loaded, per {time.Length}. Most were loaded much faster than their events happened.", loaded),
            ];

        LineChart Chart(string title, string description, params IReadOnlyList<(string Name, IReadOnlyList<double?> Values)> series) => new()
        {
            Title = $"{title}, {table}",
            Description = description,
            Places = time.Names,
            PlaceUnit = time.Unit,
            Time = time,
            ValueUnit = $"rows per {time.Length}",
            Series = series,
        };

        static (string Name, IReadOnlyList<double?> Values) Series(string name, IReadOnlyList<long> rows) => (name, [.. rows.Select(count => (double?)count)]);
    }

    private static BarChart Lateness(string table, IReadOnlyList<long> late) => new()
    {
        Title = $"Lateness, {table}",
        Description = "Rows by the time from their event to the reference time of their batch, which their keys tell (UUID version 7). "
            + "For a stream whose events happen now, that is up to an interval.",
        Bars = [.. EventFigures.Lateness.Zip(late, (interval, count) => (interval.Name, (double)count))],
        NameUnit = "time from event to batch",
        ValueUnit = "rows",
    };
}
