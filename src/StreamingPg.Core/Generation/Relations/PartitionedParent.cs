using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>Takes the parent that a <see cref="Partition"/> deals the row to.</summary>
internal sealed class PartitionedParent(Partition partition, bool existing) : ParentPicker
{
    public override long Pick(long row)
    {
        var parent = partition.ParentOf(row);
        return existing ? ~parent : parent;
    }
}
