using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>The row that is reached from the row's parent by further foreign keys.</summary>
/// <param name="child">The table of the row.</param>
/// <param name="keys">The keys, the first of them the row's own.</param>
internal sealed class FollowedParent(TableGenerator child, IReadOnlyList<ForeignKeyModel> keys) : ParentPicker
{
    public override long Pick(long row)
    {
        var reference = row;
        var table = child;
        foreach (var key in keys)
        {
            var parent = table.ParentOf(reference, key);
            if (parent == None || (parent == reference && key.ParentTable == table.Table.Name))
            {
                // Nothing there, or a row that refers to itself, from which there is no way on.
                return None;
            }

            (reference, table) = (parent, table.ParentTable(key));
        }

        return reference;
    }
}
