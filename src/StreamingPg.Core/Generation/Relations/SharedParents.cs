using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>
/// Chooses the parents of several foreign keys of a row so that they agree (the two addresses of an order are of one customer), and,
/// where they are unique together, so that no two rows have the same.
/// </summary>
/// <remarks>
/// A key after the other: of the first any parent, of the next those that agree with it, beginning at a random one and going on
/// until all keys have their parent. Unique parents need to know those of the rows before, so they are made in order and kept for
/// the chunk; where the rows are dealt out to a parent that is one of them, for the rows of that parent.
/// </remarks>
internal sealed class SharedParents
{
    private readonly CountedRandom[] _random;
    private readonly CountedRandom[] _origin;
    private readonly SharedParentKey[] _keys;
    private readonly SharedParent[] _sharedParents;
    private readonly UniqueParents[] _unique;
    private readonly Func<long, StreamingException> _noneFor;
    private readonly bool[]?[] _dead;
    private readonly Stack<SharedParentChoice> _choices = [];
    private readonly long[] _parents;
    private readonly List<long> _kept = [];
    private readonly Dictionary<long, long[]>? _chosen;
    private readonly Partition? _dealt;
    private RowRange _keptFor;
    private long _row = -1;

    /// <param name="random">Random stream per key.</param>
    /// <param name="keys">The keys; those whose parents follow from elsewhere first.</param>
    /// <param name="sharedParents">What they must agree on.</param>
    /// <param name="unique">Which of them are unique together.</param>
    /// <param name="rows">The rows of the chunk.</param>
    /// <param name="dealt">How the rows are dealt out to the parents of one of the keys, which is one of all that are unique; null otherwise.</param>
    /// <param name="noneFor">The error for a row that no parents are left for.</param>
    public SharedParents(
        IEnumerable<CountedRandom> random,
        SharedParentKey[] keys,
        SharedParent[] sharedParents,
        UniqueParents[] unique,
        RowRange rows,
        Partition? dealt,
        Func<long, StreamingException> noneFor)
    {
        _random = [.. random.Select(stream => stream.Derive("choice"))];
        _origin = [.. random.Select(stream => stream.Derive("origin"))];
        _keys = keys;
        _sharedParents = sharedParents;
        _unique = unique;
        _keptFor = rows;
        _dealt = dealt;
        _noneFor = noneFor;
        _dead = new bool[]?[keys.Length];
        _parents = new long[keys.Length];

        // Rows of its own table are asked for again and again, each for those above it.
        _chosen = unique.Length == 0 && keys.Any(key => key.IsOwnTable) ? [] : null;
    }

    /// <summary>The parent of a row by one of the keys.</summary>
    /// <exception cref="StreamingException">No parents are left that agree.</exception>
    public long ParentOf(long row, int key)
    {
        if (_unique.Length > 0)
        {
            return Kept(row, key);
        }

        if (_chosen is not null)
        {
            return Remembered(row)[key];
        }

        if (row != _row)
        {
            Choose(row);
            _row = row;
        }

        return _parents[key];
    }

    private long Kept(long row, int key)
    {
        if (_dealt is not null && (row < _keptFor.From || row >= _keptFor.To || _kept.Count == 0))
        {
            KeepFor(_dealt.ChildrenOf(_dealt.ParentOf(row)));
        }

        while (_kept.Count <= ((row - _keptFor.From) * _keys.Length) + key)
        {
            Choose(_keptFor.From + (_kept.Count / _keys.Length));
            _kept.AddRange(_parents);
        }

        return _kept[(int)(((row - _keptFor.From) * _keys.Length) + key)];
    }

    private void KeepFor(RowRange rows)
    {
        _keptFor = rows;
        _kept.Clear();
        foreach (var unique in _unique)
        {
            unique.Clear();
        }
    }

    private long[] Remembered(long row)
    {
        if (!_chosen!.TryGetValue(row, out var parents))
        {
            Choose(row);
            _chosen[row] = parents = [.. _parents];
        }

        return parents;
    }

    /// <summary>What a row of the same table says may be asked for meanwhile (a tree): each row has its own choice.</summary>
    private void Choose(long row)
    {
        var choice = _choices.TryPop(out var free) ? free : new SharedParentChoice(_keys.Length);
        choice.Tried = 0;
        try
        {
            if (!ChooseFrom(0, row, choice))
            {
                _row = -1;
                throw _noneFor(row);
            }

            choice.Parents.CopyTo(_parents, 0);
        }
        finally
        {
            _choices.Push(choice);
        }
    }

    private bool ChooseFrom(int key, long row, SharedParentChoice choice)
    {
        if (key == _keys.Length)
        {
            return TakeUnique(choice);
        }

        if (_keys[key].FixedParents is { } fixedParents)
        {
            choice.Candidates[key] = -1;
            choice.Parents[key] = fixedParents.Pick(row);
            return ChooseFrom(key + 1, row, choice);
        }

        foreach (var shared in _sharedParents)
        {
            if (Demanded(shared, key, row, choice) is (var side, >= 0 and var value))
            {
                return ChooseAgreeing(key, row, choice, shared.With(side, value));
            }
        }

        return ChooseAny(key, row, choice);
    }

    private bool TakeUnique(SharedParentChoice choice)
    {
        foreach (var unique in _unique)
        {
            if (!unique.IsFree(choice.Parents))
            {
                return false;
            }
        }

        foreach (var unique in _unique)
        {
            unique.Take(choice.Parents);
        }

        return true;
    }

    /// <summary>What a key chosen before demands of this one; -1 when it demands nothing.</summary>
    private (int Side, int Value) Demanded(SharedParent shared, int key, long row, SharedParentChoice choice)
    {
        var side = shared.SideOf(key);
        if (side < 0 || shared.Member(1 - side) is var other && other >= key)
        {
            return (side, -1);
        }

        // A row that is its own parent agrees with itself.
        return choice.Parents[other] == row && _keys[other].IsOwnTable
            ? (side, -1)
            : (side, shared.ValueOf(1 - side, choice.Candidates[other], choice.Parents[other]));
    }

    private bool ChooseAgreeing(int key, long row, SharedParentChoice choice, AgreeingParents agreeing)
    {
        var start = agreeing.Count == 0 ? 0 : (int)_random[key].Below(row, agreeing.Count);
        for (var step = 0; step < agreeing.Count && !choice.IsHopeless; step++)
        {
            if (Try(key, row, choice, agreeing[(start + step) % agreeing.Count]))
            {
                return true;
            }
        }

        return false;
    }

    private bool ChooseAny(int key, long row, SharedParentChoice choice)
    {
        var ratio = _keys[key].ExistingShare;
        var existingFirst = ratio > 0 && _origin[key].Fraction(row) < ratio;
        return ChooseIn(key, row, choice, existingFirst) || (ratio is > 0 and < 1 && ChooseIn(key, row, choice, !existingFirst));
    }

    private bool ChooseIn(int key, long row, SharedParentChoice choice, bool existing)
    {
        var among = _keys[key].Choice;
        var (from, count) = existing ? (among.New.Count, (long)among.Existing) : (0, among.New.Count);
        var fraction = _random[key].Fraction(row);
        var start = (long)(fraction * fraction * count);
        var dead = _dead[key] ??= new bool[among.Count];
        for (long step = 0; step < count && !choice.IsHopeless; step++)
        {
            var candidate = from + ((start + step) % count);
            if (!dead[candidate] && Try(key, row, choice, candidate))
            {
                return true;
            }

            // Where nothing before it has a say, a parent that goes with nothing now never will.
            dead[candidate] |= key == 0 && !choice.IsHopeless;
        }

        return false;
    }

    private bool Try(int key, long row, SharedParentChoice choice, long candidate)
    {
        choice.Tried++;
        choice.Candidates[key] = candidate;
        choice.Parents[key] = _keys[key].Choice.At(candidate);
        if (!_keys[key].Fits(choice.Parents[key]))
        {
            return false;
        }

        foreach (var shared in _sharedParents)
        {
            if (Demanded(shared, key, row, choice) is (var side, >= 0 and var value)
                && shared.ValueOf(side, candidate, choice.Parents[key]) is >= 0 and var own && own != value)
            {
                return false;
            }
        }

        return ChooseFrom(key + 1, row, choice);
    }
}

/// <summary>One of the parents that are chosen together.</summary>
internal sealed class SharedParentOf(SharedParents parents, int key) : ParentPicker
{
    public override long Pick(long row) => parents.ParentOf(row, key);
}

/// <summary>The parents of a row as they are being chosen, a key after the other.</summary>
/// <param name="keys">Number of keys.</param>
internal sealed class SharedParentChoice(int keys)
{
    // The combinations of several keys have no end worth waiting for.
    private const int MostTried = 100_000;

    /// <summary>How many parents were tried.</summary>
    public int Tried { get; set; }

    /// <summary>True when the search is given up.</summary>
    public bool IsHopeless => Tried > MostTried;

    /// <summary>Numbers of the parents among those to choose from; -1 where they are not chosen.</summary>
    public long[] Candidates { get; } = new long[keys];

    /// <summary>The parents.</summary>
    public long[] Parents { get; } = new long[keys];
}
