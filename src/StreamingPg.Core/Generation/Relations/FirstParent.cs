using StreamingPg.Core.Generation.Tables;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>The parent by the first picker that has one.</summary>
internal sealed class FirstParent(ParentPicker first, ParentPicker otherwise) : ParentPicker
{
    public override long Pick(long row)
    {
        var parent = first.Pick(row);
        return parent == None ? otherwise.Pick(row) : parent;
    }
}
