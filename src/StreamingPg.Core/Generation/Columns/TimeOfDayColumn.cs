using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Times of day, to the second.</summary>
internal sealed class TimeOfDayColumn(CountedRandom random) : ColumnGenerator
{
    private const int SecondsOfDay = 86_400;

    public override void Write(RowWriter writer, long row) => writer.WriteTime(random.Below(row, SecondsOfDay) * 1_000_000);
}
