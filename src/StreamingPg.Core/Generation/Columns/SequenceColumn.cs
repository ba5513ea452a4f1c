using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Values that were reserved from a sequence beforehand; NULL when none were (the importer then asks the sequence).</summary>
internal sealed class SequenceColumn(long? firstValue) : ColumnGenerator
{
    public override void Write(RowWriter writer, long row)
    {
        if (firstValue is { } first)
        {
            writer.WriteInt32(checked((int)(first + row)));
        }
        else
        {
            writer.WriteNull();
        }
    }
}
