using StreamingPg.Core.Generation.Tables;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>No row has a parent.</summary>
internal sealed class NoParent : ParentPicker
{
    public override long Pick(long row) => None;
}
