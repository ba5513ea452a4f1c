namespace StreamingPg.Core.Model;

/// <summary>How a history came about.</summary>
/// <param name="Growth">How the rate of its events grew.</param>
/// <param name="GrowthFactor">The rate at its end divided by that at its beginning.</param>
/// <param name="Churn">Share of the people who leave within 30 days, 0 up to, but not including, 1.</param>
internal sealed record HistoryModel(GrowthCurve Growth, double GrowthFactor, double Churn)
{
    /// <summary>The factor when nothing else is asked.</summary>
    public const double DefaultGrowthFactor = 10;

    /// <summary>The largest factor.</summary>
    public const double MaxGrowthFactor = 1_000_000;

    /// <summary>The largest churn.</summary>
    public const double MaxChurn = 0.99;

    // How far from its middle a logistic curve begins and ends.
    private const double Steepness = 6;

    /// <summary>The rate at a share of the time, 0 to 1, compared with the rate at the end.</summary>
    public double RateAt(double share)
    {
        var least = 1 / GrowthFactor;
        return Growth switch
        {
            GrowthCurve.Linear => least + ((1 - least) * share),
            GrowthCurve.Exponential => Math.Pow(least, 1 - share),
            GrowthCurve.Logistic => least + ((1 - least) * (Logistic(share) - Logistic(0)) / (Logistic(1) - Logistic(0))),
            _ => 1,
        };
    }

    private static double Logistic(double share) => 1 / (1 + Math.Exp(-2 * Steepness * (share - 0.5)));
}
