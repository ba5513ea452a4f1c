using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Values;

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
