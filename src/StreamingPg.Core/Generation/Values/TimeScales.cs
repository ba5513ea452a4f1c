using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Values;

/// <summary>Times of any kind: their differences are durations.</summary>
internal abstract class TimeScale : ValueScale
{
    /// <summary>Microseconds of a step.</summary>
    public abstract long MicrosecondsPerStep { get; }

    public override double StepsPerUnit => 1;

    public override double ToSteps(object difference) =>
        difference is string text && DurationText.Parse(text) is { } duration && duration > TimeSpan.Zero
            ? duration.TotalMicroseconds / MicrosecondsPerStep
            : throw new FormatException($"it is not a duration {DurationText.Examples}");

    /// <summary>A bound that generated times can keep: infinity and years before 1 or after 9999 are none.</summary>
    protected long Bound(long step) => step >= Lowest && step <= Highest
        ? step
        : throw new FormatException("it is not between the years 1 and 9999");
}

/// <summary>Dates: a step is a day since 2000-01-01.</summary>
internal sealed class DateScale : TimeScale
{
    public override long Lowest => PostgresTime.FromDate(DateOnly.MinValue);

    public override long Highest => PostgresTime.FromDate(DateOnly.MaxValue);

    public override long MicrosecondsPerStep => PostgresTime.Day;

    public override long ToStep(object value, bool up) => value is DateTime time
        ? PostgresTime.DayOf(PostgresTime.FromDateTime(time))
        : Bound(TimeConverter.ToDate(value));

    public override void Write(RowWriter writer, long step) => writer.WriteDate((int)step);

    public override string Describe(long step) => FieldCodec.Describe(PostgresTime.ToDate((int)step));
}

/// <summary>Times of day: a step is a microsecond since midnight.</summary>
internal sealed class TimeOfDayScale : TimeScale
{
    public override long Lowest => 0;

    public override long Highest => PostgresTime.Day - 1;

    public override long MicrosecondsPerStep => 1;

    public override long ToStep(object value, bool up) => TimeConverter.ToTime(value);

    public override void Write(RowWriter writer, long step) => writer.WriteTime(step);

    public override string Describe(long step) => FieldCodec.Describe(new TimeOnly(step * TimeSpan.TicksPerMicrosecond));
}

/// <summary>Timestamps: a step is a microsecond since 2000-01-01.</summary>
internal sealed class TimestampScale : TimeScale
{
    public override long Lowest => PostgresTime.FromDateTime(DateTime.MinValue);

    public override long Highest => PostgresTime.FromDateTime(DateTime.MaxValue);

    public override long MicrosecondsPerStep => 1;

    public override long ToStep(object value, bool up) => Bound(TimeConverter.ToTimestamp(value));

    public override void Write(RowWriter writer, long step) => writer.WriteTimestamp(step);

    public override string Describe(long step) => FieldCodec.Describe(PostgresTime.ToDateTime(step));
}

/// <summary>Intervals: a step is a microsecond; days have 24 hours and months 30 days, as PostgreSQL compares them.</summary>
internal sealed class IntervalScale : TimeScale
{
    private const long MostDays = 3_650_000;
    private const int DaysOfMonth = 30;

    public override long Lowest => -Highest;

    public override long Highest => MostDays * PostgresTime.Day;

    public override long MicrosecondsPerStep => 1;

    public override long ToStep(object value, bool up)
    {
        var parts = TimeConverter.ToInterval(value);
        var days = ((long)parts.Months * DaysOfMonth) + parts.Days;
        return Math.Abs(days) <= MostDays
            ? Math.Clamp((days * PostgresTime.Day) + parts.Microseconds, Lowest, Highest)
            : throw new FormatException($"it is longer than {MostDays} days");
    }

    public override void Write(RowWriter writer, long step)
    {
        var (days, microseconds) = Math.DivRem(step, PostgresTime.Day);
        writer.WriteInterval(0, (int)days, microseconds);
    }

    public override string Describe(long step)
    {
        var (days, microseconds) = Math.DivRem(step, PostgresTime.Day);
        return new IntervalParts(0, (int)days, microseconds).ToString();
    }
}
