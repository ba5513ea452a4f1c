using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Parents;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>One of the foreign keys that are chosen together.</summary>
internal sealed class TiedKey
{
    private readonly TableGenerator _child;

    /// <param name="child">The table whose rows refer.</param>
    /// <param name="key">The key.</param>
    /// <param name="choice">The parents to choose from.</param>
    /// <param name="fixedParents">Says the parents, where they are not to be chosen; null when they are.</param>
    public TiedKey(TableGenerator child, ForeignKeyModel key, ParentChoice choice, ParentPicker? fixedParents)
    {
        _child = child;
        Key = key;
        Choice = choice;
        FixedParents = fixedParents;
    }

    public ForeignKeyModel Key { get; }

    public ParentChoice Choice { get; }

    /// <summary>Says the parents where they follow from elsewhere: the row is dealt out, or refers to its own table.</summary>
    public ParentPicker? FixedParents { get; }

    /// <summary>Writes what lies at the end of a way that begins with this key.</summary>
    /// <returns>False when there is nothing: a reference on the way is missing.</returns>
    public bool Write(RowWriter writer, long parent, KeyWay way)
    {
        var table = _child.ParentTable(Key);
        foreach (var key in way.Keys.Skip(1))
        {
            parent = table.ParentOf(parent, key);
            if (parent == ParentPicker.None)
            {
                return false;
            }

            table = table.ParentTable(key);
        }

        foreach (var column in way.Columns)
        {
            var start = writer.Position;
            table.WriteValue(writer, parent, table.Table.IndexOf(column));
            if (writer.IsNullAt(start))
            {
                return false;
            }
        }

        return true;
    }
}
