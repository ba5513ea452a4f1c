using StreamingPg.Core.Analytics;
using StreamingPg.Core.Report.Charts;
using StreamingPg.Core.Report;

namespace StreamingPg.Tests.Unit.Report;

/// <summary>Axes and stretches of time that a person can read.</summary>
public sealed class AxisTests
{
    [Fact]
    public void Axis_reaches_over_every_value_in_few_steps()
    {
        for (var exponent = -3.0; exponent < 12; exponent += 0.013)
        {
            var highest = Math.Pow(10, exponent);
            foreach (var isWhole in new[] { true, false })
            {
                var axis = new Axis(highest, isWhole);

                Assert.True(axis.Maximum >= highest * 0.999999, $"{highest} is above {axis.Maximum}");
                Assert.InRange(axis.Ticks.Count(), 2, 5);
                Assert.True(!isWhole || axis.Step == Math.Floor(axis.Step), $"{axis.Step} is between two whole numbers");
            }
        }
    }

    [Fact]
    public void Axis_of_nothing_has_a_length() => Assert.True(new Axis(0, isWhole: true).Maximum > 0);

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.25, "0.25")]
    [InlineData(2500, "2,500")]
    [InlineData(25000, "25k")]
    [InlineData(1_500_000, "1.5M")]
    [InlineData(2e9, "2G")]
    public void Numbers_on_an_axis_are_short(double value, string expected) => Assert.Equal(expected, Axis.Short(value));

    [Fact]
    public void Time_is_cut_into_30_to_90_stretches_whatever_its_length()
    {
        var first = new DateTime(2026, 1, 1, 3, 17, 41, DateTimeKind.Utc);
        for (var seconds = 0.001; seconds < 1e10; seconds *= 1.07)
        {
            var (start, length, count) = Stretch.Cover(first, first.AddSeconds(seconds));

            Assert.InRange(count, 30, 90);
            Assert.InRange(first, start, start + (count * length));
            Assert.InRange(first.AddSeconds(seconds), start, start + (count * length));
        }
    }

    [Fact]
    public void Labels_of_a_time_axis_are_round_and_do_not_touch()
    {
        var first = new DateTime(2026, 1, 1, 3, 17, 41, DateTimeKind.Utc);
        for (var seconds = 0.001; seconds < 1e10; seconds *= 1.07)
        {
            var (start, length, count) = Stretch.Cover(first, first.AddSeconds(seconds));
            var width = 358.0 / count;
            var labels = new TimePlaces(start, length, count).Labels(width).ToList();

            Assert.InRange(labels.Count, 1, 8);
            foreach (var (one, next) in labels.Zip(labels.Skip(1)))
            {
                Assert.True((next.Place - one.Place) * width >= ChartText.Width(one.Label) + 10, $"{one} touches {next} in {count} stretches of {length}");
            }
        }
    }
}
