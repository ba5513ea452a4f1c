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

    /// <summary>The parent of a child; quick when the children are asked for in order.</summary>
    public long ParentOf(long child)
    {
        if (_parent >= 0 && child >= _children.From && child < _children.To)
        {
            return _parent;
        }

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

        _parent = parent;
        _children = children;
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
