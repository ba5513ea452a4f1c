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
            _fits[parent] = fits = AreKept(parent);
        }

        return fits;
    }

    private bool AreKept(long parent) => _conditions.All(condition => IsSame(parent, condition));

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
        for (var step = 1; step < way.Keys.Count; step++)
        {
            parent = table.ParentOf(parent, way.Keys[step]);
            if (parent == ParentPicker.None)
            {
                return false;
            }

            table = table.ParentTable(way.Keys[step]);
        }

        for (var index = 0; index < way.Columns.Count; index++)
        {
            var column = way.Columns[index];
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
internal readonly record struct AgreeingParents(ReadOnlyMemory<int> Same, ReadOnlyMemory<int> Silent)
{
    public int Count => Same.Length + Silent.Length;

    public int this[int index] => index < Same.Length ? Same.Span[index] : Silent.Span[index - Same.Length];
}

/// <summary>Parents in the order of what they say: those that say nothing, then those of each value.</summary>
internal sealed class ParentsByValue
{
    private readonly int[] _parents;
    private readonly int[] _ends;

    /// <param name="valueOf">What each parent says, from 0; -1 for nothing.</param>
    public ParentsByValue(int[] valueOf)
    {
        // Counted, summed up, and put in their places, which keeps those of one value in their order.
        _parents = new int[valueOf.Length];
        _ends = new int[valueOf.Length == 0 ? 1 : valueOf.Max() + 2];
        foreach (var value in valueOf)
        {
            _ends[value + 1]++;
        }

        var start = 0;
        for (var value = 0; value < _ends.Length; value++)
        {
            (_ends[value], start) = (start, start + _ends[value]);
        }

        for (var parent = 0; parent < valueOf.Length; parent++)
        {
            _parents[_ends[valueOf[parent] + 1]++] = parent;
        }
    }

    /// <summary>The parents that say a value; -1 is nothing.</summary>
    public ReadOnlyMemory<int> this[int value] => value < _ends.Length - 1
        ? _parents.AsMemory((value < 0 ? 0 : _ends[value])..(_ends[value + 1]))
        : default;
}

/// <summary>An agreement between two of the keys that are chosen together: which parents by the one go with which by the other.</summary>
internal sealed class SharedParent
{
    private const int Nothing = -1;
    private const int Unheard = int.MaxValue;

    private readonly KeyIndex _values = new();
    private readonly SharedParentKey[] _keys;
    private readonly int[] _members;
    private readonly JoinPath[] _ways;
    private int[]?[]? _valueOf;
    private readonly ParentsByValue?[] _lists = new ParentsByValue?[2];
    private readonly RowWriter _writer = RowWriter.OfValues();

    /// <param name="members">All keys that are chosen together.</param>
    /// <param name="agreement">The agreement.</param>
    public SharedParent(IReadOnlyList<SharedParentKey> members, KeyAgreement agreement)
    {
        _ways = [agreement.Left, agreement.Right];
        _members = [.. _ways.Select(way => members.ToList().FindIndex(member => member.Key == way.First))];
        _keys = [.. _members.Select(member => members[member])];
    }

    // Read when the first row asks: a table that only others refer to never does.
    private int[]?[] Values => _valueOf ??= [_keys[0].FixedParents is null ? ReadValues(0) : null, _keys[1].FixedParents is null ? ReadValues(1) : null];

    /// <summary>The side on which a key stands, 0 or 1; -1 when it does not take part.</summary>
    public int SideOf(int member) => Array.IndexOf(_members, member);

    /// <summary>The key on a side.</summary>
    public int Member(int side) => _members[side];

    /// <summary>What a parent says on a side; -1 when it says nothing.</summary>
    /// <param name="side">The side.</param>
    /// <param name="candidate">Number of the parent among those to choose from; -1 when they are not chosen.</param>
    /// <param name="parent">The parent.</param>
    public int ValueOf(int side, long candidate, long parent) =>
        Values is var all && candidate >= 0 && all[side] is { } values ? values[candidate] : ReadValue(side, parent, add: false);

    /// <summary>The parents of a side, by number, that say the same, or nothing at all.</summary>
    public AgreeingParents With(int side, int value)
    {
        var lists = _lists[side] ??= new ParentsByValue(Values[side]!);
        return new AgreeingParents(lists[value], lists[Nothing]);
    }

    private int[] ReadValues(int side)
    {
        var values = new int[_keys[side].Choice.Count];
        for (var candidate = 0; candidate < values.Length; candidate++)
        {
            values[candidate] = ReadValue(side, _keys[side].Choice.At(candidate), add: true);
        }

        return values;
    }

    private int ReadValue(int side, long parent, bool add)
    {
        // What a row of the same table says may be asked for meanwhile (a tree): it is written after what is there.
        var start = _writer.Position;
        var says = parent != ParentPicker.None && _keys[side].Write(_writer, parent, _ways[side]);
        var key = _writer.Block.Buffer.AsSpan(start, _writer.Position - start);
        _writer.Return(start);
        return !says ? Nothing : add ? _values.Add(key) : _values.Find(key) is >= 0 and var known ? known : Unheard;
    }
}
