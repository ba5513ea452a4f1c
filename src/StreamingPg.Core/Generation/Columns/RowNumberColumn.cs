using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Counts the rows of a parent: 1, 2, 3.</summary>
/// <param name="partition">How the rows are dealt out to their parents.</param>
/// <param name="before">The highest number that a parent has already; null when the parents are new.</param>
internal sealed class RowNumberColumn(Partition partition, Func<long, long>? before) : ColumnGenerator
{
    public override void Write(RowWriter writer, long row)
    {
        var parent = partition.ParentOf(row);
        writer.WriteInt32(checked((int)((before?.Invoke(parent) ?? 0) + 1 + row - partition.ChildrenOf(parent).From)));
    }
}
