using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Values;

/// <summary>Which step of a scale a row has.</summary>
internal abstract class StepSource
{
    /// <summary>The step of a row.</summary>
    public abstract long At(long row);
}

/// <summary>Every step from the lowest to the highest as likely as another.</summary>
internal sealed class UniformSteps(CountedRandom random, long lowest, long highest) : StepSource
{
    // The scales end before 2^63: the count of steps between two of them does not overflow.
    public override long At(long row) => lowest + random.Below(row, highest - lowest + 1);
}

/// <summary>Buckets between ascending bounds, each as likely as another, and evenly filled: PostgreSQL's histograms.</summary>
internal sealed class HistogramSteps(CountedRandom random, long[] bounds) : StepSource
{
    private readonly CountedRandom _inside = random.Derive("inside");

    public override long At(long row)
    {
        var bucket = random.Below(row, bounds.Length - 1);
        var from = bounds[bucket];

        // A bound belongs to the bucket that it begins; the last one also to the last bucket.
        var to = bounds[bucket + 1] - (bucket == bounds.Length - 2 ? 0 : 1);
        return to <= from ? from : from + _inside.Below(row, to - from + 1);
    }
}

/// <summary>Times of another source, none before the one of the row's parent where the column's maximum permits it.</summary>
/// <param name="steps">The source.</param>
/// <param name="earliest">The time of a row's parent, in microseconds; null for none.</param>
/// <param name="microsecondsPerStep">Microseconds in a step: a parent of the same day is not later.</param>
/// <param name="highest">The maximum that the column has of its own.</param>
internal sealed class LaterSteps(StepSource steps, Func<long, long?> earliest, long microsecondsPerStep, long highest) : StepSource
{
    public override long At(long row)
    {
        var step = steps.At(row);
        return earliest(row) is { } time ? Math.Max(step, Math.Min(Floor(time), highest)) : step;
    }

    private long Floor(long time)
    {
        var (whole, rest) = Math.DivRem(time, microsecondsPerStep);
        return rest < 0 ? whole - 1 : whole;
    }
}

/// <summary>
/// A distribution that is cut off at its bounds: one fraction per row between the shares of values below the lower and the upper
/// bound, turned back into a value. Nothing is drawn twice, so a row's value depends on the row alone.
/// </summary>
/// <remarks>Inverse transform sampling of a truncated distribution: Devroye, Non-Uniform Random Variate Generation, 1986,
/// section II.2.</remarks>
internal sealed class QuantileSteps : StepSource
{
    private readonly CountedRandom _random;
    private readonly Func<double, double> _quantile;
    private readonly long _lowest;
    private readonly long _highest;
    private readonly double _from;
    private readonly double _room;

    /// <param name="random">Random stream of the column.</param>
    /// <param name="lowest">The lowest step.</param>
    /// <param name="highest">The highest step.</param>
    /// <param name="shareBelow">The share of values below one: the distribution function.</param>
    /// <param name="quantile">The value below which a share of values lies: its inverse.</param>
    public QuantileSteps(
        CountedRandom random, long lowest, long highest, Func<double, double> shareBelow, Func<double, double> quantile)
    {
        _random = random;
        _quantile = quantile;
        _lowest = lowest;
        _highest = highest;

        // Half a step on either side, so that the outermost steps are as likely as those between.
        _from = shareBelow(lowest - 0.5);
        _room = shareBelow(highest + 0.5) - _from;
    }

    /// <summary>The share of the whole distribution that lies between the bounds.</summary>
    public double Share => _room;

    public override long At(long row)
    {
        var value = _quantile(_from + (_random.Fraction(row) * _room));
        return value <= _lowest ? _lowest : value >= _highest ? _highest : (long)Math.Round(value);
    }
}

/// <summary>Zipf's law: the step of rank r is chosen in proportion to 1 / r^exponent; the lowest step has rank 1.</summary>
/// <remarks>
/// Rejection-inversion: Hörmann, Derflinger: Rejection-inversion to generate variates from monotone discrete distributions, ACM
/// TOMACS 6 (1996). It needs no table, so the number of steps does not matter. Few attempts fail, and each attempt of a row has a
/// stream of its own.
/// </remarks>
internal sealed class ZipfSteps : StepSource
{
    private const int MostAttempts = 64;

    private readonly CountedRandom[] _attempts;
    private readonly long _lowest;
    private readonly long _count;
    private readonly double _exponent;
    private readonly double _integralOfFirst;
    private readonly double _integralOfAll;
    private readonly double _sure;

    public ZipfSteps(CountedRandom random, long lowest, long highest, double exponent)
    {
        _attempts = [.. Enumerable.Range(0, MostAttempts).Select(attempt => random.Derive(attempt))];
        _lowest = lowest;
        _count = highest - lowest + 1;
        _exponent = exponent;
        _integralOfFirst = Integral(1.5) - 1;
        _integralOfAll = Integral(_count + 0.5);
        _sure = 2 - InverseIntegral(Integral(2.5) - Density(2));
    }

    public override long At(long row)
    {
        long rank = 1;
        foreach (var attempt in _attempts)
        {
            var area = _integralOfAll + (attempt.Fraction(row) * (_integralOfFirst - _integralOfAll));
            var place = InverseIntegral(area);
            rank = Math.Clamp((long)(place + 0.5), 1, _count);
            if (rank - place <= _sure || area >= Integral(rank + 0.5) - Density(rank))
            {
                break;
            }
        }

        return _lowest + rank - 1;
    }

    private double Density(double x) => Math.Exp(-_exponent * Math.Log(x));

    /// <summary>The integral of the density from 1, in a form that holds for an exponent of 1 too.</summary>
    private double Integral(double x)
    {
        var log = Math.Log(x);
        return GrowthOver((1 - _exponent) * log) * log;
    }

    private double InverseIntegral(double x)
    {
        var scaled = Math.Max(x * (1 - _exponent), -1);
        return Math.Exp(LogOver(scaled) * x);
    }

    /// <summary>(e^x - 1) / x, by its series near 0.</summary>
    private static double GrowthOver(double x) =>
        Math.Abs(x) > 1e-8 ? (Math.Exp(x) - 1) / x : 1 + (x * 0.5 * (1 + (x * (1 / 3.0) * (1 + (0.25 * x)))));

    /// <summary>ln(1 + x) / x, by its series near 0.</summary>
    private static double LogOver(double x) =>
        Math.Abs(x) > 1e-8 ? Math.Log(1 + x) / x : 1 - (x * (0.5 - (x * ((1 / 3.0) - (0.25 * x)))));
}
