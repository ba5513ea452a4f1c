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
    [InlineData(2500, "2500")]
    [InlineData(25000, "25k")]
    [InlineData(1_500_000, "1.5M")]
    [InlineData(2e9, "2G")]
    public void Numbers_on_an_axis_are_short(double value, string expected) => Assert.Equal(expected, Axis.Short(value));

    [Fact]
    public void Time_is_cut_into_few_stretches_whatever_its_length()
    {
        var first = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        for (var seconds = 1.0; seconds < 1e9; seconds *= 1.37)
        {
            var length = Stretch.LengthFor(first, first.AddSeconds(seconds), 40);

            Assert.InRange(seconds / length.TotalSeconds, 0, 40.0001);
        }
    }
}
