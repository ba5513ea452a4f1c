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

    /// <summary>The first and the last value of a range of rows.</summary>
    /// <exception cref="InvalidOperationException">No values were reserved.</exception>
    public (int First, int Last) Bounds(RowRange rows)
    {
        var first = firstValue ?? throw new InvalidOperationException("No values of the sequence were reserved.");
        return (checked((int)(first + rows.From)), checked((int)(first + Math.Max(rows.From, rows.To - 1))));
    }
}
