using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Tables;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>An agreement between two of the keys that are chosen together: which parents by the one go with which by the other.</summary>
internal sealed class SharedParent
{
    private const int Nothing = -1;
    private const int Unheard = int.MaxValue;

    private readonly KeyIndex _values = new();
    private readonly SharedParentKey[] _keys;
    private readonly int[] _members;
    private readonly JoinPath[] _ways;
    private readonly int[]?[] _valueOf = new int[]?[2];
    private readonly Dictionary<int, List<int>>?[] _lists = new Dictionary<int, List<int>>?[2];

    /// <param name="members">All keys that are chosen together.</param>
    /// <param name="agreement">The agreement.</param>
    public SharedParent(IReadOnlyList<SharedParentKey> members, KeyAgreement agreement)
    {
        _ways = [agreement.Left, agreement.Right];
        _members = [.. _ways.Select(way => members.ToList().FindIndex(member => member.Key == way.First))];
        _keys = [.. _members.Select(member => members[member])];
        for (var side = 0; side < 2; side++)
        {
            _valueOf[side] = _keys[side].FixedParents is null ? ReadValues(side) : null;
        }
    }

    /// <summary>The side on which a key stands, 0 or 1; -1 when it does not take part.</summary>
    public int SideOf(int member) => Array.IndexOf(_members, member);

    /// <summary>The key on a side.</summary>
    public int Member(int side) => _members[side];

    /// <summary>What a parent says on a side; -1 when it says nothing.</summary>
    /// <param name="side">The side.</param>
    /// <param name="candidate">Number of the parent among those to choose from; -1 when they are not chosen.</param>
    /// <param name="parent">The parent.</param>
    public int ValueOf(int side, long candidate, long parent) =>
        candidate >= 0 && _valueOf[side] is { } values ? values[candidate] : ReadValue(side, parent, add: false);

    /// <summary>The parents of a side, by number, that say the same, or nothing at all.</summary>
    public AgreeingParents With(int side, int value)
    {
        var lists = _lists[side] ??= Group(_valueOf[side]!);
        return new AgreeingParents(lists.GetValueOrDefault(value) ?? [], lists.GetValueOrDefault(Nothing) ?? []);
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
        using var block = new RowBlock(256);
        var writer = new RowWriter(block);
        if (parent == ParentPicker.None || !_keys[side].Write(writer, parent, _ways[side]))
        {
            return Nothing;
        }

        var key = block.Buffer.AsSpan(0, writer.Position);
        return add ? _values.Add(key) : _values.Find(key) is >= 0 and var known ? known : Unheard;
    }

    private static Dictionary<int, List<int>> Group(int[] values)
    {
        var lists = new Dictionary<int, List<int>>();
        for (var candidate = 0; candidate < values.Length; candidate++)
        {
            (lists.TryGetValue(values[candidate], out var list) ? list : lists[values[candidate]] = []).Add(candidate);
        }

        return lists;
    }
}
