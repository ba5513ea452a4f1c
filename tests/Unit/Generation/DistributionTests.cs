using System.Globalization;
using StreamingPg.Core.Generation.Values;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>Values are distributed as their formulas say, for every seed.</summary>
public sealed class DistributionTests
{
    private const int Seeds = 20;
    private const int Rows = 20_000;

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.8413447460685429, 1)]
    [InlineData(0.975, 1.959963984540054)]
    [InlineData(0.0013498980316300946, -3)]
    [InlineData(2.866515718791939e-07, -5)]
    [InlineData(6.220960574271785e-16, -8)]
    public void Quantiles_of_the_normal_distribution_are_those_of_the_tables(double share, double value)
    {
        Assert.Equal(value, NormalQuantile.Of(share), 1e-12 * Math.Max(1, Math.Abs(value)));
        Assert.Equal(share, NormalQuantile.ShareBelow(value), 1e-9 * share);
    }

    [Fact]
    public void Normal_values_have_their_mean_and_deviation()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var values = Numbers("\"DECIMAL(9,3)\"", """ "distribution": {"kind": "normal", "mean": 70, "stddev": 12} """, seed);
            var mean = values.Average();
            Assert.InRange(mean, 69.5, 70.5);
            Assert.InRange(Math.Sqrt(values.Average(value => (value - mean) * (value - mean))), 11.6, 12.4);
            Assert.InRange(values.Count(value => Math.Abs(value - 70) <= 12) / (double)Rows, 0.665, 0.70);
        }
    }

    [Fact]
    public void Lognormal_values_have_their_mean_and_median()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var values = Numbers("\"DECIMAL(9,3)\"", """ "distribution": {"kind": "lognormal", "mean": 50, "stddev": 30} """, seed);
            Assert.InRange(values.Average(), 48.5, 51.5);

            // exp(mu), where mu = ln(mean) - ln(1 + (stddev / mean)^2) / 2.
            Assert.InRange(values.Order().ElementAt(Rows / 2), 41.5, 44.3);
        }
    }

    [Fact]
    public void Lengths_of_texts_are_distributed_too()
    {
        var histogram = GeneratedColumn.Values<string>("{\"type\": \"TEXT\", \"distribution\": {\"kind\": \"histogram\", \"bounds\": [2, 2, 40, 400]} }", Rows).ToList();
        Assert.InRange(histogram.Count(text => text.Length == 2) / (double)Rows, 0.32, 0.36);
        Assert.InRange(histogram.Count(text => text.Length >= 40) / (double)Rows, 0.32, 0.35);
        Assert.InRange(histogram.Max(text => text.Length), 390, 400);

        var normal = GeneratedColumn.Values<string>("{\"type\": \"VARCHAR(100)\", \"min\": 1, \"max\": 100, \"distribution\": {\"kind\": \"normal\", \"mean\": 50, \"stddev\": 5} }", Rows);
        Assert.InRange(normal.Average(text => text.Length), 49.5, 50.5);
        Assert.All(GeneratedColumn.Values<string>("{\"type\": \"VARCHAR(9)\", \"distribution\": \"normal\"}", Rows), text => Assert.InRange(text.Length, 1, 9));
    }

    [Fact]
    public void Exponential_values_have_their_mean_and_fall_off()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var values = Numbers("\"DECIMAL(9,3)\"", """ "min": 5, "max": 99999, "distribution": {"kind": "exponential", "mean": 25} """, seed);
            Assert.InRange(values.Average(), 24.3, 25.7);
            Assert.InRange(values.Count(value => value < 5 + (20 * Math.Log(2))) / (double)Rows, 0.485, 0.515);
        }
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(1.5, 1000)]
    [InlineData(0.5, 100)]
    [InlineData(2, 2_000_000_000)]
    [InlineData(0, 10)]
    public void Zipf_values_are_as_often_as_their_ranks_say(double exponent, int count)
    {
        // The sum over all ranks, its tail as an integral.
        var known = Math.Min(count, 1_000_000);
        var sum = Enumerable.Range(1, known).Sum(rank => Math.Pow(rank, -exponent)) + (count > known ? 1.0 / known : 0);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var values = Numbers("\"INTEGER\"", FormattableString.Invariant($$""" "min": 1, "max": {{count}}, "distribution": {"kind": "zipf", "exponent": {{exponent}} } """), seed);
            foreach (var rank in new[] { 1.0, 2, 3, 7 })
            {
                var expected = Math.Pow(rank, -exponent) / sum;
                Assert.InRange(values.Count(value => value == rank) / (double)Rows, expected - 0.015, expected + 0.015);
            }
        }
    }

    [Fact]
    public void Buckets_of_a_histogram_are_filled_alike()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var values = Numbers("\"INTEGER\"", """ "distribution": {"kind": "histogram", "bounds": [0, 10, 1000, 1005, 5000]} """, seed);
            Assert.All(
                new[] { (0, 9), (10, 999), (1000, 1004), (1005, 5000) },
                bucket => Assert.InRange(values.Count(value => value >= bucket.Item1 && value <= bucket.Item2) / (double)Rows, 0.235, 0.265));
        }
    }

    [Fact]
    public void Times_are_distributed_too()
    {
        var values = GeneratedColumn.Values<DateTime>(
            """{"type": "TIMESTAMP", "min": "2020-01-01", "max": "2024-12-31", "distribution": {"kind": "normal", "mean": "2022-07-01", "stddev": "30 days"} }""", 5000);

        Assert.InRange(values.Count(value => Math.Abs((value - new DateTime(2022, 7, 1)).TotalDays) <= 30) / 5000.0, 0.65, 0.72);
    }

    private static double[] Numbers(string type, string rules, long seed) =>
        [.. GeneratedColumn.Values($$"""{"type": {{type}}, {{rules}} }""", Rows, seed).Select(value => Convert.ToDouble(value, CultureInfo.InvariantCulture))];
}
