using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>One of the foreign keys that are chosen together.</summary>
internal sealed class SharedParentKey
{
    private readonly TableGenerator _child;
    private readonly IReadOnlyList<KeyAgreement> _conditions;
    private readonly Dictionary<long, bool> _fits = [];

    /// <param name="child">The table whose rows refer.</param>
    /// <param name="key">The key.</param>
    /// <param name="choice">The parents to choose from.</param>
    /// <param name="existingShare">Share of references to parents that were there before.</param>
    /// <param name="fixedParents">Says the parents, where they are not to be chosen; null when they are.</param>
    /// <param name="conditions">What a parent must fulfil by itself.</param>
    public SharedParentKey(
        TableGenerator child, ForeignKeyModel key, ParentChoice choice, double existingShare, ParentPicker? fixedParents, IReadOnlyList<KeyAgreement> conditions)
    {
        _child = child;
        _conditions = conditions;
        Key = key;
        Choice = choice;
        ExistingShare = existingShare;
        FixedParents = fixedParents;
    }

    public ForeignKeyModel Key { get; }

    /// <summary>True when it refers to a row of its own table.</summary>
    public bool IsOwnTable => Key.ParentTable == _child.Table.Name;

    public ParentChoice Choice { get; }

    /// <summary>Share of references to parents that were there before.</summary>
    public double ExistingShare { get; }

    /// <summary>Says the parents where they follow from elsewhere: the row is dealt out, or refers to its own table.</summary>
    public ParentPicker? FixedParents { get; }

    /// <summary>True when a parent fulfils the conditions of the key; one that says nothing on a way does.</summary>
    public bool Fits(long parent)
    {
        if (_conditions.Count == 0)
        {
            return true;
        }

        if (!_fits.TryGetValue(parent, out var fits))
        {
            _fits[parent] = fits = _conditions.All(condition => IsSame(parent, condition));
        }

        return fits;
    }

    private bool IsSame(long parent, KeyAgreement condition)
    {
        using var left = new RowBlock(256);
        using var right = new RowBlock(256);
        var (leftWriter, rightWriter) = (new RowWriter(left), new RowWriter(right));
        return !Write(leftWriter, parent, condition.Left)
            || !Write(rightWriter, parent, condition.Right)
            || left.Buffer.AsSpan(0, leftWriter.Position).SequenceEqual(right.Buffer.AsSpan(0, rightWriter.Position));
    }

    /// <summary>Writes what lies at the end of a way that begins with this key.</summary>
    /// <returns>False when there is nothing: a reference on the way is missing.</returns>
    public bool Write(RowWriter writer, long parent, JoinPath way)
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
            var place = table.Table.IndexOf(column);
            table.WriteValue(writer, parent, place);
            if (writer.IsNullAt(start))
            {
                return false;
            }

            ComparableKey.Apply(writer, start, table.Table.Columns[place].Type);
        }

        return true;
    }
}

/// <summary>Parents that go with a value: those that have it, and those that say nothing.</summary>
/// <param name="Same">Numbers of those that have it.</param>
/// <param name="Silent">Numbers of those that say nothing.</param>
internal readonly record struct AgreeingParents(IReadOnlyList<int> Same, IReadOnlyList<int> Silent)
{
    public int Count => Same.Count + Silent.Count;

    public int this[int index] => index < Same.Count ? Same[index] : Silent[index - Same.Count];
}
