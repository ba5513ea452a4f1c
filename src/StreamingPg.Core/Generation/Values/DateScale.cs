using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Values;

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
