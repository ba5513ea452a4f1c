using StreamingPg.Core.Generation.Tables;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>
/// The parent of a row in a table that refers to itself, where no two rows may have the same one: every second row refers to the
/// one before it. Where each must have a parent, each is its own.
/// </summary>
internal sealed class NeighbourRow(long first, bool mayBeMissing) : ParentPicker
{
    public override long Pick(long row)
    {
        if (!mayBeMissing)
        {
            return row;
        }

        return (row - first) % 2 == 1 ? row - 1 : None;
    }
}
