using StreamingPg.Core.Generation.Tables;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>One of the parents that together are unique: the row's place in a shuffled order of all combinations.</summary>
internal sealed class DistinctParent(DistinctRows rows, int index) : ParentPicker
{
    public override long Pick(long row) => rows.ParentsOf(row)[index];
}
