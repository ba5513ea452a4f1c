using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>How many children each new parent gets (<c>per_parent</c>), each number drawn from the parent's index alone.</summary>
public sealed class ChildCounts
{
    // A distribution's tail beyond this would not fit a batch anyway.
    private const int MostSteps = 10_000;

    private readonly CountedRandom _random;
    private readonly ChildCountModel _model;
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
        _atMost = model.Kind == ChildCountKind.Range ? [] : Cumulate(model);
    }

    /// <summary>The number of children of a parent.</summary>
    public long Of(long parent)
    {
        if (_model.Minimum == _model.Maximum)
        {
            return _model.Minimum;
        }

        if (_atMost.Length == 0)
        {
            return _model.Minimum + _random.Below(parent, _model.Maximum - _model.Minimum + 1);
        }

        var found = Array.BinarySearch(_atMost, _random.Fraction(parent) * _atMost[^1]);
        return _model.Minimum + Math.Min(found < 0 ? ~found : found + 1, _atMost.Length - 1);
    }

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

    /// <summary>The probability of at most minimum, minimum + 1 ... children, up to a common factor.</summary>
    private static double[] Cumulate(ChildCountModel model)
    {
        var mean = model.Mean ?? 1;
        var steps = (int)Math.Min(model.Maximum - model.Minimum + 1, MostSteps);
        var cumulated = new double[Math.Max(steps, 1)];
        double total = 0;
        for (var step = 0; step < cumulated.Length; step++)
        {
            var count = model.Minimum + step;
            total += model.Kind == ChildCountKind.Poisson
                ? Math.Exp((count * Math.Log(mean)) - mean - LogFactorial(count))
                : Math.Pow(mean / (1 + mean), count) / (1 + mean);
            cumulated[step] = total;
        }

        return cumulated;
    }

    private static double LogFactorial(long number)
    {
        double sum = 0;
        for (long factor = 2; factor <= number; factor++)
        {
            sum += Math.Log(factor);
        }

        return sum;
    }
}
