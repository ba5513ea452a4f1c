namespace StreamingPg.Core.Generation.Random;

/// <summary>
/// Deals to each parent as many children as <see cref="ChildCounts"/> says. The first child of every so many parents is remembered,
/// those between are counted from there.
/// </summary>
internal sealed class CountedPartition : Partition
{
    private const int Stride = 64;
    private readonly ChildCounts _counts;
    private readonly long[] _firstChild;

    public CountedPartition(CountedRandom random, ChildCounts counts, long parents, long children)
        : base(random, parents, children)
    {
        _counts = counts;
        _firstChild = new long[(parents / Stride) + 1];
        long child = 0;
        for (long parent = 0; parent < parents; parent++)
        {
            if (parent % Stride == 0)
            {
                _firstChild[parent / Stride] = child;
            }

            var count = counts.Of(parent);
            LeavesNoneOut &= count > 0;
            Most = Math.Max(Most, count);
            child += count;
        }

        if (parents % Stride == 0)
        {
            _firstChild[^1] = child;
        }
    }

    /// <inheritdoc/>
    public override bool LeavesNoneOut { get; } = true;

    /// <summary>The most children that a parent gets.</summary>
    public long Most { get; }

    private protected override long FirstGuess(long child)
    {
        // Several strides may begin with the same child, where parents without any fill one: the last of them has it.
        var (low, high) = (0, _firstChild.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _firstChild[middle] <= child ? (middle, high) : (low, middle - 1);
        }

        return Math.Min((long)low * Stride, Parents - 1);
    }

    private protected override long Boundary(long parent)
    {
        if (parent >= Parents)
        {
            return Children;
        }

        var child = _firstChild[parent / Stride];
        for (var before = parent - (parent % Stride); before < parent; before++)
        {
            child += _counts.Of(before);
        }

        return child;
    }
}
