using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Values;

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
