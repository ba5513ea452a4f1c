using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

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
