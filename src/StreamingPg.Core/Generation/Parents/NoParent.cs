namespace StreamingPg.Core.Generation.Parents;

/// <summary>No row has a parent.</summary>
internal sealed class NoParent : ParentPicker
{
    public override long Pick(long row) => None;
}
