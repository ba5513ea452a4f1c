using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Values;

/// <summary>Makes the distribution that a column asks for. Every reason why it cannot is a <see cref="FormatException"/>.</summary>
internal static class StepSources
{
    // Below this share the fractions of a double are too coarse to tell one value from another.
    private const double LeastShare = 1e-9;
    private const double DefaultExponent = 1;

    public static StepSource Create(DistributionModel? distribution, ValueScale scale, CountedRandom random, StepBounds bounds)
    {
        var (lowest, highest) = bounds;
        return distribution?.Kind switch
        {
            null or DistributionKind.Uniform => new UniformSteps(random, lowest, highest),
            DistributionKind.Zipf => new ZipfSteps(random, lowest, highest, distribution.Exponent ?? DefaultExponent),
            DistributionKind.Histogram => Histogram(distribution.Bounds!, scale, random, bounds),
            DistributionKind.Normal => Normal(distribution, scale, random, bounds),
            DistributionKind.LogNormal => LogNormal(distribution, scale, random, bounds),
            _ => Exponential(distribution, scale, random, bounds),
        };
    }

    private static QuantileSteps Normal(DistributionModel distribution, ValueScale scale, CountedRandom random, StepBounds bounds)
    {
        var mean = Mean(distribution, scale) ?? bounds.Lowest + ((bounds.Highest - bounds.Lowest) / 2.0);
        var deviation = Deviation(distribution, scale) ?? Math.Max((bounds.Highest - bounds.Lowest) / 6.0, 1);
        return Checked(new QuantileSteps(
            random,
            bounds.Lowest,
            bounds.Highest,
            value => NormalQuantile.ShareBelow((value - mean) / deviation),
            share => mean + (deviation * NormalQuantile.Of(share))));
    }

    /// <summary>Mean and deviation are those of the values; of their logarithms they are mu and sigma.</summary>
    /// <remarks>Johnson, Kotz, Balakrishnan: Continuous Univariate Distributions, volume 1, chapter 14: mean = exp(mu + sigma^2 / 2),
    /// variance = (exp(sigma^2) - 1) mean^2.</remarks>
    private static QuantileSteps LogNormal(DistributionModel distribution, ValueScale scale, CountedRandom random, StepBounds bounds)
    {
        if (bounds.Highest <= 0)
        {
            throw new FormatException("a lognormal distribution has only values above 0, but the bounds exclude them");
        }

        var floor = Math.Max(0, bounds.Lowest);
        var mean = Mean(distribution, scale) ?? floor + Math.Max((bounds.Highest - floor) / 5.0, 1);
        if (mean <= 0)
        {
            throw new FormatException("the mean of a lognormal distribution must be above 0");
        }

        var deviation = Deviation(distribution, scale) ?? mean;
        var variance = Math.Log(1 + (deviation / mean * (deviation / mean)));
        var sigma = Math.Sqrt(variance);
        var mu = Math.Log(mean) - (variance / 2);
        return Checked(new QuantileSteps(
            random,
            bounds.Lowest,
            bounds.Highest,
            value => value <= 0 ? 0 : NormalQuantile.ShareBelow((Math.Log(value) - mu) / sigma),
            share => Math.Exp(mu + (sigma * NormalQuantile.Of(share)))));
    }

    private static QuantileSteps Exponential(DistributionModel distribution, ValueScale scale, CountedRandom random, StepBounds bounds)
    {
        var mean = Mean(distribution, scale) ?? bounds.Lowest + Math.Max((bounds.Highest - bounds.Lowest) / 5.0, 1);
        var distance = mean - bounds.Lowest;
        if (distance <= 0)
        {
            throw new FormatException("the mean of an exponential distribution must be above its lowest value");
        }

        var origin = bounds.Lowest - 0.5;
        return Checked(new QuantileSteps(
            random,
            bounds.Lowest,
            bounds.Highest,
            value => -Math.Exp(-(value - origin) / distance) + 1,
            share => origin - (distance * Math.Log(1 - share))));
    }

    private static HistogramSteps Histogram(IReadOnlyList<object> values, ValueScale scale, CountedRandom random, StepBounds bounds)
    {
        var steps = values.Select(value => scale.ToStep(value, up: true)).ToArray();
        for (var index = 1; index < steps.Length; index++)
        {
            if (steps[index] < steps[index - 1])
            {
                throw new FormatException(
                    $"the bounds of the histogram are not ascending: {FieldCodec.Describe(values[index])} comes after {FieldCodec.Describe(values[index - 1])}");
            }
        }

        return new HistogramSteps(random, [.. steps.Select(step => Math.Clamp(step, bounds.Lowest, bounds.Highest))]);
    }

    private static QuantileSteps Checked(QuantileSteps steps) => steps.Share >= LeastShare
        ? steps
        : throw new FormatException("almost no value of the distribution lies between the bounds");

    private static double? Mean(DistributionModel distribution, ValueScale scale) =>
        distribution.Mean is null ? null : scale.ToStep(distribution.Mean, up: false);

    private static double? Deviation(DistributionModel distribution, ValueScale scale)
    {
        if (distribution.StandardDeviation is not { } given)
        {
            return null;
        }

        var deviation = scale.ToSteps(given);
        return deviation > 0 ? deviation : throw new FormatException("the standard deviation must be above 0");
    }
}
