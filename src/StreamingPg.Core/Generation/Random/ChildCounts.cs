using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Random;

/// <summary>How many children each new parent gets (<c>per_parent</c>), each number drawn from the parent's index alone.</summary>
internal sealed class ChildCounts
{
    // Numbers that are this much rarer than the most frequent one never occur.
    private const double Negligible = 1e-20;

    private readonly CountedRandom _random;
    private readonly ChildCountModel _model;
    private readonly Kinds _kind;
    private readonly long _span;
    private readonly long _lowest;
    private readonly double[] _atMost;
    private readonly long[] _listed;

    /// <summary>The counts of a table's parents.</summary>
    /// <param name="seed">Seed of the batch. Its number does not matter: the rows must be known before it is.</param>
    /// <param name="table">The child table.</param>
    /// <param name="model">How the counts vary.</param>
    public ChildCounts(long seed, string table, ChildCountModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _random = CountedRandom.FromSeed(seed).Derive("per parent").Derive(table);
        _model = model;
        _span = model.Maximum - model.Minimum + 1;
        _kind = model switch
        {
            { Minimum: var minimum, Maximum: var maximum } when minimum == maximum => Kinds.Same,
            { Kind: ChildCountKind.List } => Kinds.List,
            { Kind: ChildCountKind.Range } => Kinds.Range,
            _ when Mean <= 0 => Kinds.Same,
            { Kind: ChildCountKind.Geometric } => Kinds.Geometric,
            _ => Kinds.Table,
        };
        _listed = [.. model.Counts.Select(count => count.Children)];
        (_lowest, _atMost) = model switch
        {
            { Kind: ChildCountKind.Poisson, Mean: { } mean and > 0 } => Poisson(model, mean),
            { Kind: ChildCountKind.List } => (0, Cumulative(model.Counts)),
            _ => (model.Minimum, []),
        };
    }

    private enum Kinds
    {
        Same,
        List,
        Range,
        Geometric,
        Table,
    }

    private double Mean => _model.Mean ?? 1;

    /// <summary>The number of children of a parent.</summary>
    public long Of(long parent) => _kind switch
    {
        Kinds.Same => _model.Minimum,
        Kinds.List => _listed[InTable(_random.Fraction(parent))],
        Kinds.Range => _model.Minimum + _random.Below(parent, _span),
        Kinds.Geometric => Geometric(_random.Fraction(parent)),
        _ => InTable(_random.Fraction(parent)),
    };

    /// <summary>The number of children of the first parents together.</summary>
    public long Total(long parents)
    {
        if (_kind == Kinds.Same)
        {
            return parents * _model.Minimum;
        }

        long total = 0;
        for (long parent = 0; parent < parents; parent++)
        {
            total += Of(parent);
        }

        return total;
    }

    private long InTable(double fraction)
    {
        var found = Array.BinarySearch(_atMost, fraction * _atMost[^1]);
        return _lowest + Math.Min(found < 0 ? ~found : found + 1, _atMost.Length - 1);
    }

    private static double[] Cumulative(IReadOnlyList<(long Children, double Weight)> counts)
    {
        var sum = 0.0;
        return [.. counts.Select(count => sum += count.Weight)];
    }

    /// <summary>The inverse of 1 - q^k, where q is the share of parents that get another child, between the bounds.</summary>
    private long Geometric(double fraction)
    {
        var logarithm = -Math.Log(1 + (1 / Mean));
        var most = -Expm1(logarithm * (_model.Maximum - _model.Minimum + 1));
        var steps = Math.Floor(Math.Log(1 - (fraction * most)) / logarithm);
        return Math.Min(_model.Maximum, _model.Minimum + (long)steps);
    }

    private static double Expm1(double value) => Math.Abs(value) < 1e-5 ? value + (value * value / 2) : Math.Exp(value) - 1;

    /// <summary>
    /// The numbers that occur, and for each of them how often a number is at most that one, up to a common factor: from the most
    /// frequent one both ways, each from the one beside it.
    /// </summary>
    private static (long Lowest, double[] AtMost) Poisson(ChildCountModel model, double mean)
    {
        var mode = Math.Clamp((long)Math.Floor(mean), model.Minimum, model.Maximum);
        var below = new List<double>();
        var weight = 1.0;
        for (var count = mode; count > model.Minimum && (weight *= count / mean) > Negligible; count--)
        {
            below.Add(weight);
        }

        var atMost = new List<double>(2 * below.Count);
        var sum = 0.0;
        for (var index = below.Count - 1; index >= 0; index--)
        {
            atMost.Add(sum += below[index]);
        }

        weight = 1;
        atMost.Add(sum += weight);
        for (var count = mode + 1; count <= model.Maximum && (weight *= mean / count) > Negligible; count++)
        {
            atMost.Add(sum += weight);
        }

        return (mode - below.Count, [.. atMost]);
    }
}

/// <summary>
/// The children of the first parents together, for every parent of a batch. The sum before every n-th parent is kept, those between
/// are counted from there. It does not change, so all chunks share it.
/// </summary>
internal sealed class ChildSums
{
    /// <summary>Every so manieth parent's first child is kept.</summary>
    public const int Stride = 16;

    private readonly ChildCounts _counts;
    private readonly long[] _firstChild;

    public ChildSums(ChildCounts counts, long parents)
    {
        _counts = counts;
        Parents = parents;
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

        Children = child;
    }

    /// <summary>Number of parents.</summary>
    public long Parents { get; }

    /// <summary>Number of children.</summary>
    public long Children { get; }

    /// <summary>True when every parent has a child.</summary>
    public bool LeavesNoneOut { get; } = true;

    /// <summary>The most children that a parent gets.</summary>
    public long Most { get; }

    /// <summary>Writes the first child of each parent of a stride, and that after its last one.</summary>
    public void Read(long stride, long[] firstChildren)
    {
        var child = _firstChild[stride];
        var parent = stride * Stride;
        firstChildren[0] = child;
        for (var place = 1; place <= Stride; place++)
        {
            child += parent < Parents ? _counts.Of(parent++) : 0;
            firstChildren[place] = child;
        }
    }

    /// <summary>The stride that the parent of a child lies in.</summary>
    public long StrideOf(long child)
    {
        // Several strides may begin with the same child, where parents without any fill one: the last of them has it.
        var (low, high) = (0, _firstChild.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _firstChild[middle] <= child ? (middle, high) : (low, middle - 1);
        }

        return low;
    }
}

/// <summary>Deals to each parent as many children as <see cref="ChildCounts"/> says.</summary>
internal sealed class CountedPartition(CountedRandom random, ChildSums sums) : Partition(random, sums.Parents, sums.Children)
{
    private readonly long[] _firstChildren = new long[ChildSums.Stride + 1];
    private long _stride = -1;

    /// <inheritdoc/>
    public override bool LeavesNoneOut => sums.LeavesNoneOut;

    /// <summary>The most children that a parent gets.</summary>
    public long Most => sums.Most;

    private protected override long Find(long child)
    {
        if (_stride < 0 || child < _firstChildren[0] || child >= _firstChildren[^1])
        {
            Go(sums.StrideOf(child));
        }

        var (low, high) = (0, ChildSums.Stride - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _firstChildren[middle] <= child ? (middle, high) : (low, middle - 1);
        }

        return Math.Min((_stride * ChildSums.Stride) + low, Parents - 1);
    }

    private protected override long Boundary(long parent)
    {
        if (parent >= Parents)
        {
            return Children;
        }

        parent = Math.Max(0, parent);
        Go(parent / ChildSums.Stride);
        return _firstChildren[parent % ChildSums.Stride];
    }

    private void Go(long stride)
    {
        if (stride != _stride)
        {
            sums.Read(stride, _firstChildren);
            _stride = stride;
        }
    }
}
