using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Values;

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
