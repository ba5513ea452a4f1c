using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Random;

/// <summary>How many children each new parent gets (<c>per_parent</c>), each number drawn from the parent's index alone.</summary>
internal sealed class ChildCounts
{
    // Numbers that are this much rarer than the most frequent one never occur.
    private const double Negligible = 1e-20;

    private readonly CountedRandom _random;
    private readonly ChildCountModel _model;
    private readonly long _lowest;
    private readonly double[] _atMost;

    /// <summary>The counts of a table's parents.</summary>
    /// <param name="seed">Seed of the batch. Its number does not matter: the rows must be known before it is.</param>
    /// <param name="table">The child table.</param>
    /// <param name="model">How the counts vary.</param>
    public ChildCounts(long seed, string table, ChildCountModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _random = CountedRandom.FromSeed(seed).Derive("per parent").Derive(table);
        _model = model;
        (_lowest, _atMost) = model is { Kind: ChildCountKind.Poisson, Mean: > 0 } ? Poisson(model, model.Mean.Value) : (model.Minimum, []);
    }

    private double Mean => _model.Mean ?? 1;

    /// <summary>The number of children of a parent.</summary>
    public long Of(long parent) => _model switch
    {
        { Minimum: var minimum, Maximum: var maximum } when minimum == maximum => minimum,
        { Kind: ChildCountKind.Range } => _model.Minimum + _random.Below(parent, _model.Maximum - _model.Minimum + 1),
        _ when Mean <= 0 => _model.Minimum,
        { Kind: ChildCountKind.Geometric } => Geometric(_random.Fraction(parent)),
        _ => InTable(_random.Fraction(parent)),
    };

    /// <summary>The number of children of the first parents together.</summary>
    public long Total(long parents)
    {
        if (_model.Minimum == _model.Maximum)
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
/// Deals to each parent as many children as <see cref="ChildCounts"/> says. The first child of every n-th parent is remembered,
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
