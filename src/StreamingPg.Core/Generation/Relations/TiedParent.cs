using StreamingPg.Core.Generation.Tables;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>One of the parents that are chosen together.</summary>
internal sealed class TiedParent(TiedParents parents, int key) : ParentPicker
{
    public override long Pick(long row) => parents.ParentOf(row, key);
}
