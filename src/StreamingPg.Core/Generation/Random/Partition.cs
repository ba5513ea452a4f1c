namespace StreamingPg.Core.Generation.Random;

/// <summary>
/// Deals the rows of a child table out to consecutive parents: every parent gets at least one child where there are enough, and
/// how many it gets varies. Both directions are computed, nothing is stored.
/// </summary>
internal class Partition
{
    private readonly CountedRandom _random;
    private readonly double _perParent;
    private readonly double _slack;
    private RowRange _children;
    private long _parent = -1;

    /// <summary>Deals out <paramref name="children"/> rows to <paramref name="parents"/> parents, at most <paramref name="most"/> to each.</summary>
    public Partition(CountedRandom random, long parents, long children, long most = long.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(parents);
        _random = random;
        Parents = parents;
        Children = children;
        _perParent = (double)children / parents;

        // Boundary t lies at t * perParent plus up to (perParent - 1): two boundaries are then at least 1 apart.
        // At most perParent plus this many lie between them.
        _slack = Math.Max(0, Math.Min(_perParent - 1, most - _perParent));
    }

    /// <summary>Number of parents.</summary>
    public long Parents { get; }

    /// <summary>Number of children.</summary>
    public long Children { get; }

    /// <summary>True when every parent has a child.</summary>
    public virtual bool LeavesNoneOut => Children >= Parents;

    /// <summary>The children of a parent.</summary>
    public RowRange ChildrenOf(long parent) => new(Boundary(parent), Boundary(parent + 1));

    /// <summary>The parent of a child; quick when the children are requested in order.</summary>
    public long ParentOf(long child)
    {
        if (_parent >= 0 && child >= _children.From && child < _children.To)
        {
            return _parent;
        }

        _parent = Find(child);
        _children = ChildrenOf(_parent);
        return _parent;
    }

    /// <summary>The parent of a child that is not one of those whose parent was requested last.</summary>
    private protected virtual long Find(long child)
    {
        var parent = _parent >= 0 && child == _children.To ? _parent + 1 : FirstGuess(child);
        var children = ChildrenOf(parent);
        while (child >= children.To)
        {
            children = ChildrenOf(++parent);
        }

        while (child < children.From)
        {
            children = ChildrenOf(--parent);
        }

        return parent;
    }

    /// <summary>A parent near the one that a child belongs to.</summary>
    private protected virtual long FirstGuess(long child) => Math.Clamp((long)(child / _perParent), 0, Parents - 1);

    /// <summary>The first child of a parent; that of the number of parents is the number of children.</summary>
    private protected virtual long Boundary(long parent)
    {
        if (parent <= 0)
        {
            return 0;
        }

        return parent >= Parents
            ? Children
            : Math.Min(Children, (long)((parent * _perParent) + (_random.Fraction(parent) * _slack)));
    }
}

/// <summary>Deals children out evenly to parents, each with its own remaining capacity.</summary>
internal sealed class CapacityPartition : Partition
{
    private readonly long[] _firstChild;

    /// <param name="random">Random stream of the key.</param>
    /// <param name="capacities">How many children each parent can take.</param>
    /// <param name="children">Number of children, at most the sum of the capacities.</param>
    public CapacityPartition(CountedRandom random, IReadOnlyList<long> capacities, long children)
        : base(random, capacities.Count, children)
    {
        var level = LevelFor(capacities, children);
        var left = children - capacities.Sum(capacity => Math.Min(capacity, level - 1));
        _firstChild = new long[capacities.Count + 1];
        for (var parent = 0; parent < capacities.Count; parent++)
        {
            var own = Math.Min(capacities[parent], level - 1);
            if (left > 0 && capacities[parent] >= level)
            {
                own++;
                left--;
            }

            LeavesNoneOut &= own > 0;
            _firstChild[parent + 1] = _firstChild[parent] + own;
        }
    }

    /// <inheritdoc/>
    public override bool LeavesNoneOut { get; } = true;

    private protected override long FirstGuess(long child)
    {
        // Several parents may begin with the same child, where those before it have none: the last of them has it.
        var (low, high) = (0, _firstChild.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _firstChild[middle] <= child ? (middle, high) : (low, middle - 1);
        }

        return Math.Min(low, Parents - 1);
    }

    private protected override long Boundary(long parent) => _firstChild[Math.Clamp(parent, 0, Parents)];

    /// <summary>The lowest number of children that, given to each parent that can take it, is enough for all children.</summary>
    private static long LevelFor(IReadOnlyList<long> capacities, long children)
    {
        long low = 1, high = Math.Max(1, children);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = capacities.Sum(capacity => (decimal)Math.Min(capacity, middle)) >= children ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}

/// <summary>Rows <see cref="From"/> up to, but not including, <see cref="To"/> of a table in a batch.</summary>
/// <param name="From">Index of the first row.</param>
/// <param name="To">Index after the last row.</param>
internal readonly record struct RowRange(long From, long To)
{
    /// <summary>Number of rows.</summary>
    public long Count => To - From;
}
