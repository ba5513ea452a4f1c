namespace StreamingPg.Bench.Measuring;

/// <summary>What was measured of one contender: samples, round by round.</summary>
internal sealed class Series
{
    private readonly List<IReadOnlyList<double>> _rounds = [];

    /// <summary>Median of all samples.</summary>
    public double Median => MedianOf(_rounds.SelectMany(samples => samples));

    /// <summary>Highest sample.</summary>
    public double Highest => _rounds.Max(samples => samples.Max());

    /// <summary>Median of each round.</summary>
    public IReadOnlyList<double> RoundMedians => [.. _rounds.Select(MedianOf)];

    /// <summary>Adds the samples of a round.</summary>
    public void Add(IReadOnlyList<double> samples) => _rounds.Add(samples);

    /// <summary>What both take together: the sums of the medians, round by round.</summary>
    public Series Plus(Series other)
    {
        var sum = new Series();
        foreach (var (own, others) in RoundMedians.Zip(other.RoundMedians))
        {
            sum.Add([own + others]);
        }

        return sum;
    }

    private static double MedianOf(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
