using System.Globalization;

namespace StreamingPg.Bench.Measuring;

/// <summary>How two series compare.</summary>
/// <param name="Value">Ratio of the medians.</param>
/// <param name="Lowest">Lowest ratio of one round.</param>
/// <param name="Highest">Highest ratio of one round.</param>
internal readonly record struct Ratio(double Value, double Lowest, double Highest)
{
    /// <summary>The spread as text.</summary>
    public string Spread => string.Create(CultureInfo.InvariantCulture, $"{Lowest:0.00}-{Highest:0.00}");

    /// <summary><paramref name="dividend"/> divided by <paramref name="divisor"/>; both have the same number of rounds.</summary>
    public static Ratio Of(Series dividend, Series divisor)
    {
        var rounds = dividend.RoundMedians.Zip(divisor.RoundMedians, (above, below) => above / below).ToArray();
        return new Ratio(dividend.Median / divisor.Median, rounds.Min(), rounds.Max());
    }

    /// <summary>The ratio as text.</summary>
    public override string ToString() => Value.ToString("0.00", CultureInfo.InvariantCulture);
}
