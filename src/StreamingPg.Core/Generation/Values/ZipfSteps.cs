using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Values;

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
