using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Values;

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
