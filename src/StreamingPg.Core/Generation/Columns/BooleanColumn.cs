using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>True or false, the one as likely as the other.</summary>
internal sealed class BooleanColumn(CountedRandom random) : ColumnGenerator
{
    public override void Write(RowWriter writer, long row) => writer.WriteBoolean((long)random.Bits(row) < 0);
}
