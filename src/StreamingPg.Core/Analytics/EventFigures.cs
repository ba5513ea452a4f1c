using System.Globalization;

namespace StreamingPg.Core.Analytics;

/// <summary>When the events of a table happened.</summary>
/// <param name="Table">The table.</param>
/// <param name="Week">Events by weekday, from Monday, and hour (UTC).</param>
/// <param name="Stretches">Events and loads over time; null where there is nothing.</param>
/// <param name="Late">Events by <see cref="Lateness"/>; null where keys do not tell.</param>
internal sealed record EventFigures(string Table, IReadOnlyList<IReadOnlyList<long>> Week, EventStretches? Stretches, IReadOnlyList<long>? Late)
{
    /// <summary>The short names of the weekdays, from Monday.</summary>
    public static IReadOnlyList<string> Weekdays { get; } = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

    /// <summary>The intervals of lateness: the name of each and where it begins.</summary>
    public static IReadOnlyList<(string Name, TimeSpan From)> Lateness { get; } =
    [
        ("under 1 s", TimeSpan.Zero), ("1 to 10 s", TimeSpan.FromSeconds(1)), ("10 s to 1 min", TimeSpan.FromSeconds(10)), ("1 to 5 min", TimeSpan.FromMinutes(1)),
        ("5 min to 1 h", TimeSpan.FromMinutes(5)), ("1 to 6 h", TimeSpan.FromHours(1)), ("6 h to 1 d", TimeSpan.FromHours(6)), ("1 to 7 d", TimeSpan.FromDays(1)),
        ("7 to 30 d", TimeSpan.FromDays(7)), ("more", TimeSpan.FromDays(30)),
    ];

    /// <summary>The week as results.</summary>
    public static IReadOnlyList<EventTimeCount> WeekCounts(string table, IReadOnlyList<IReadOnlyList<long>> week) =>
        [.. week.Select((hours, day) => new EventTimeCount { Table = table, Group = Weekdays[day], Events = hours.Sum(), Hours = hours })];

    /// <summary>Lateness as results.</summary>
    public static IReadOnlyList<EventTimeCount> LateCounts(string table, IReadOnlyList<long> late) =>
        [.. Lateness.Zip(late, (interval, count) => new EventTimeCount { Table = table, Group = interval.Name, Events = count })];
}

/// <summary>Events and loads over time, in stretches of equal length.</summary>
/// <param name="Start">The beginning of the first (UTC).</param>
/// <param name="Length">Their length.</param>
/// <param name="Happened">Events that happened in each.</param>
/// <param name="Loaded">Rows that were loaded in each, by the ledger.</param>
internal sealed record EventStretches(DateTime Start, TimeSpan Length, IReadOnlyList<long> Happened, IReadOnlyList<long> Loaded)
{
    /// <summary>The name of each stretch: its beginning, as exact as its length asks for.</summary>
    public IEnumerable<string> Names()
    {
        var format = Length >= TimeSpan.FromDays(1) ? "yyyy-MM-dd" : Happened.Count * Length >= TimeSpan.FromDays(1) ? "MM-dd HH:mm" : "HH:mm:ss";
        return Enumerable.Range(0, Happened.Count).Select(index => (Start + (index * Length)).ToString(format, CultureInfo.InvariantCulture));
    }

    /// <summary>The stretches as results.</summary>
    public IReadOnlyList<EventTimeCount> Counts(string table) =>
    [
        .. Names().Select((name, index) => new EventTimeCount
        {
            Table = table,
            Group = name,
            Start = Start + (index * Length),
            Events = Happened[index],
            Loaded = Loaded[index],
        }),
    ];
}

/// <summary>Stretches of time in which a person counts.</summary>
internal static class Stretch
{
    /// <summary>Stretches of a chart, at least: a shorter time is shown with what was before it.</summary>
    public const int Fewest = 30;

    /// <summary>Stretches of a chart, at most.</summary>
    public const int Most = 90;

    private const int LongestDays = 28;

    // Each at most three times the one before, so that there are never fewer than a third of the most.
    private static readonly TimeSpan[] Lengths =
    [
        .. new[] { 1, 2, 5, 15, 30 }.Select(seconds => TimeSpan.FromSeconds(seconds)),
        .. new[] { 1, 2, 5, 15, 30 }.Select(minutes => TimeSpan.FromMinutes(minutes)),
        .. new[] { 1, 3, 6, 12 }.Select(hours => TimeSpan.FromHours(hours)),
        .. new[] { 1, 3, 7, 14, LongestDays }.Select(days => TimeSpan.FromDays(days)),
    ];

    /// <summary>The shortest stretch that a person counts in and of which few enough fill the time between two instants.</summary>
    public static TimeSpan LengthFor(DateTime first, DateTime last, int most)
    {
        var shortest = (last - first) / most;
        var length = Array.Find(Lengths, length => length >= shortest);
        return length > TimeSpan.Zero ? length : TimeSpan.FromDays(Math.Ceiling(shortest.TotalDays / LongestDays) * LongestDays);
    }

    /// <summary>The stretches of a chart: <see cref="Fewest"/> to <see cref="Most"/> of them, whatever the time between two instants.</summary>
    public static (DateTime Start, TimeSpan Length, int Count) Cover(DateTime first, DateTime last)
    {
        // One less, because the first instant is somewhere within the first stretch.
        var length = LengthFor(first, last, Most - 1);
        var start = first.Ticks / length.Ticks;
        var count = (last.Ticks / length.Ticks) - start + 1;
        var missing = Math.Clamp(Fewest - count, 0, start);
        return (new DateTime((start - missing) * length.Ticks, DateTimeKind.Utc), length, (int)(count + missing));
    }
}
