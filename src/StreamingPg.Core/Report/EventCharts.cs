using System.Globalization;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Report.Charts;

namespace StreamingPg.Core.Report;

/// <summary>The charts about when events happened.</summary>
internal static class EventCharts
{
    public static IEnumerable<Chart> Of(EventFigures figures)
    {
        yield return Week(figures);
        if (figures.Stretches is { } stretches)
        {
            yield return OverTime(figures.Table, stretches);
        }

        if (figures.Late is { } late)
        {
            yield return Lateness(figures.Table, late);
        }
    }

    private static HeatMap Week(EventFigures figures) => new()
    {
        Title = $"Hours of the week, {figures.Table}",
        Description = $"Events by weekday and hour: {DisplayText.Count(figures.Week.Sum(day => day.Sum()))} in all, "
            + $"{DisplayText.Count(figures.Week.Skip(5).Sum(day => day.Sum()))} of them on Saturdays and Sundays.",
        Rows = EventFigures.Weekdays,
        Columns = [.. Enumerable.Range(0, 24).Select(hour => hour.ToString("00", CultureInfo.InvariantCulture))],
        PlaceUnit = "hour (UTC)",
        ValueUnit = "events",
        Values = figures.Week,
    };

    private static LineChart OverTime(string table, EventStretches stretches)
    {
        var length = DisplayText.Duration(stretches.Length);
        return new LineChart
        {
            Title = $"Events and loads, {table}",
            Description = $"Rows by the time at which their event happened, and by the time at which they were loaded, per {length}.",
            Places = [.. stretches.Names()],
            PlaceUnit = "time (UTC)",
            ValueUnit = $"rows per {length}",
            Series =
            [
                ("happened", [.. stretches.Happened.Select(rows => (double?)rows)]),
                ("loaded", [.. stretches.Loaded.Select(rows => (double?)rows)]),
            ],
        };
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
