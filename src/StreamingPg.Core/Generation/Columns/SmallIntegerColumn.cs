using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Whole numbers of a range for a smallint, both ends included, every one as likely as another.</summary>
internal sealed class SmallIntegerColumn(CountedRandom random, short minimum, short maximum) : ColumnGenerator
{
    public override void Write(RowWriter writer, long row) =>
        writer.WriteInt16((short)(minimum + random.Below(row, maximum - minimum + 1L)));
}
