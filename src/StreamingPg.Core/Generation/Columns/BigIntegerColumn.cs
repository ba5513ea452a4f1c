using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Whole numbers of a range for a bigint, both ends included, every one as likely as another.</summary>
internal sealed class BigIntegerColumn(CountedRandom random, long minimum, long maximum) : ColumnGenerator
{
    public override void Write(RowWriter writer, long row) =>
        writer.WriteInt64(minimum + random.Below(row, maximum - minimum + 1));
}
