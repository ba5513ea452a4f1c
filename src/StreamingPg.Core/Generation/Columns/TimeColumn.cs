using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Values;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>A column whose values are times that other columns can follow.</summary>
internal interface ITimed
{
    /// <summary>The time of a row, microseconds since 2000-01-01; null when it is NULL.</summary>
    long? TimeAt(long row);
}

/// <summary>Where the times of a column lie, in microseconds since 2000-01-01.</summary>
/// <param name="Default">The time that a row follows that follows no other.</param>
/// <param name="Floor">No time is before this one.</param>
/// <param name="Latest">No time is after this one.</param>
/// <param name="Reach">How long after the time that it follows a time may lie, unless that is before <paramref name="Floor"/>.</param>
internal readonly record struct TimeBounds(long Default, long Floor, long Latest, long Reach)
{
    /// <summary>How the times vary over the week; null for evenly.</summary>
    public RhythmCurve? Rhythm { get; init; }

    /// <summary>Rows that arrive late; null for none.</summary>
    public LateTimes? Late { get; init; }

    /// <summary>The history whose order the rows have; null for none.</summary>
    public HistoryTimes? History { get; init; }
}

/// <summary>The times of the rows of a history, which is in their order.</summary>
/// <param name="random">Random stream of the column.</param>
/// <param name="curve">When the events happened.</param>
/// <param name="rows">Number of rows.</param>
internal sealed class HistoryTimes(CountedRandom random, HistoryCurve curve, long rows)
{
    /// <summary>The time of a row.</summary>
    public long At(long row) => curve.TimeOf((row + random.Fraction(row)) / rows);
}

/// <summary>The times of rows that arrive late: some time before <see cref="TimeBounds.Floor"/>.</summary>
/// <param name="random">Random stream of the column.</param>
/// <param name="isLate">True for a row that arrives late.</param>
/// <param name="from">The least time before it, in microseconds.</param>
/// <param name="to">The most time before it.</param>
internal sealed class LateTimes(CountedRandom random, Func<long, bool> isLate, long from, long to)
{
    private readonly CountedRandom _random = random.Derive("late");

    /// <summary>How long before it a row's time lies; null for a row in time.</summary>
    public long? Of(long row) => isLate(row) ? from + _random.Below(row, to - from + 1) : null;
}

/// <summary>A time within bounds, and not before the time that it follows.</summary>
/// <param name="random">Random stream of the column.</param>
/// <param name="earliest">The time that a row's time follows, or null when there is none.</param>
/// <param name="bounds">The bounds.</param>
internal sealed class TimeColumn(CountedRandom random, Func<long, long?>? earliest, TimeBounds bounds) : ColumnGenerator, ITimed
{
    // Rows of one parent mostly come one after the other, and each looks at its parent's time.
    private long _row = -1;
    private long _time;

    /// <summary>The time of a row, microseconds since 2000-01-01.</summary>
    public long At(long row)
    {
        if (row != _row)
        {
            var time = Choose(row); // may come back here, for a row that this one follows
            (_row, _time) = (row, time);
        }

        return _time;
    }

    public long? TimeAt(long row) => At(row);

    public override void Write(RowWriter writer, long row) => writer.WriteTimestamp(At(row));

    private long Choose(long row)
    {
        var first = earliest?.Invoke(row) ?? bounds.Default;
        if (bounds.History is { } history)
        {
            return Math.Max(first, history.At(row));
        }

        if (bounds.Late is { } lateness && first < bounds.Floor && lateness.Of(row) is { } late)
        {
            return Math.Max(first, bounds.Floor - 1 - late);
        }

        var from = Math.Max(first, bounds.Floor);
        var room = bounds.Latest - from;
        if (first >= bounds.Floor)
        {
            room = Math.Min(room, bounds.Reach);
        }

        // A parent from outside may be younger than the reference time: then its own time is the earliest that is true.
        return room <= 0 ? from
            : bounds.Rhythm is { } rhythm ? rhythm.Between(from, from + room, random.Fraction(row))
            : from + random.Below(row, room + 1);
    }
}

/// <summary>The days on which another column's times lie.</summary>
internal sealed class DateColumn(TimeColumn times) : ColumnGenerator, ITimed
{
    public long? TimeAt(long row) => PostgresTime.DayOf(times.At(row)) * PostgresTime.Day;

    public override void Write(RowWriter writer, long row) => writer.WriteDate(PostgresTime.DayOf(times.At(row)));
}

/// <summary>Times of day, to the second.</summary>
internal sealed class TimeOfDayColumn(CountedRandom random) : ColumnGenerator
{
    private const int SecondsOfDay = 86_400;

    public override void Write(RowWriter writer, long row) => writer.WriteTime(random.Below(row, SecondsOfDay) * 1_000_000);
}

/// <summary>Intervals of up to thirty days, to the minute.</summary>
internal sealed class IntervalColumn(CountedRandom random) : ColumnGenerator
{
    private const int MinutesOfDay = 24 * 60;
    private const int Days = 30;

    public override void Write(RowWriter writer, long row)
    {
        var (days, minutes) = Math.DivRem(random.Below(row, Days * MinutesOfDay), MinutesOfDay);
        writer.WriteInterval(0, (int)days, minutes * PostgresTime.Minute);
    }
}
