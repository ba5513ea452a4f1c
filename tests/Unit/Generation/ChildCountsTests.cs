using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>How many children parents get: <c>per_parent</c> with a distribution.</summary>
public sealed class ChildCountsTests
{
    private const int Parents = 20_000;

    [Theory]
    [InlineData(0.3)]
    [InlineData(4)]
    [InlineData(600)]
    [InlineData(20_000)]
    [InlineData(1_000_000)]
    public void Poisson_has_its_mean_and_as_large_a_variance(double mean)
    {
        var counts = Draw(new ChildCountModel(ChildCountKind.Poisson, 0, 10_000_000) { Mean = mean });

        var average = counts.Average();
        Assert.Equal(mean, average, 5 * Math.Sqrt(mean / Parents));
        var variance = counts.Average(count => (count - average) * (count - average));
        Assert.InRange(variance / mean, 0.93, 1.07);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(4)]
    [InlineData(600)]
    [InlineData(100_000)]
    public void Geometric_has_its_mean_and_its_variance(double mean)
    {
        var counts = Draw(new ChildCountModel(ChildCountKind.Geometric, 0, (long)(mean * 50) + 50) { Mean = mean });

        var expected = mean * (mean + 1);
        var average = counts.Average();
        Assert.Equal(mean, average, 5 * Math.Sqrt(expected / Parents));
        Assert.InRange(counts.Average(count => (count - average) * (count - average)) / expected, 0.85, 1.15);
    }

    [Fact]
    public void Poisson_numbers_come_as_often_as_the_formula_says()
    {
        const double Mean = 3.5;
        var counts = Draw(new ChildCountModel(ChildCountKind.Poisson, 0, 35) { Mean = Mean });

        var probability = Math.Exp(-Mean);
        for (var count = 0; count < 10; count++)
        {
            var deviation = Math.Sqrt(probability * (1 - probability) / Parents);
            Assert.Equal(probability, counts.Count(drawn => drawn == count) / (double)Parents, 5 * deviation);
            probability *= Mean / (count + 1);
        }
    }

    [Fact]
    public void Listed_numbers_come_as_often_as_their_weights_say()
    {
        (long Children, double Weight)[] weights = [(0, 5), (1, 3), (40, 2)];
        var counts = Draw(new ChildCountModel(ChildCountKind.List, 0, 40) { Counts = weights });

        Assert.All(counts, count => Assert.Contains(count, weights.Select(weight => weight.Children)));
        Assert.All(weights, weight =>
        {
            var share = weight.Weight / 10;
            Assert.Equal(share, counts.Count(count => count == weight.Children) / (double)Parents, 5 * Math.Sqrt(share * (1 - share) / Parents));
        });
    }

    [Theory]
    [InlineData(nameof(ChildCountKind.Poisson))]
    [InlineData(nameof(ChildCountKind.Geometric))]
    public void A_mean_of_zero_gives_no_children(string kind)
    {
        var model = new ChildCountModel(Enum.Parse<ChildCountKind>(kind), 0, 1) { Mean = 0 };
        Assert.All(Draw(model), count => Assert.Equal(0, count));
        Assert.Equal(0, new ChildCounts(1, "children", model).Total(1000));
    }

    [Theory]
    [InlineData(nameof(ChildCountKind.Poisson), 1000, 1010, 5)]
    [InlineData(nameof(ChildCountKind.Poisson), 0, 3, 500)]
    [InlineData(nameof(ChildCountKind.Geometric), 7, 9, 2)]
    public void Bounds_hold_and_a_seed_gives_the_same_counts(string kind, long minimum, long maximum, double mean)
    {
        var model = new ChildCountModel(Enum.Parse<ChildCountKind>(kind), minimum, maximum) { Mean = mean };
        Assert.All(Draw(model), count => Assert.InRange(count, minimum, maximum));
        Assert.Equal(Draw(model), Draw(model));
    }

    private static List<long> Draw(ChildCountModel model)
    {
        var counts = new ChildCounts(7, "children", model);
        return [.. Enumerable.Range(0, Parents).Select(parent => counts.Of(parent))];
    }
}
