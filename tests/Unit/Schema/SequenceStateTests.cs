using StreamingPg.Core.Catalog;

namespace StreamingPg.Tests.Unit.Schema;

public sealed class SequenceStateTests
{
    [Theory]
    [InlineData(1, false, 10, 1, 10)]
    [InlineData(1, true, 10, 1, 9)]
    [InlineData(10, false, 10, 1, 1)]
    [InlineData(10, true, 10, 1, 0)]
    [InlineData(12, true, 10, 1, 0)]
    [InlineData(1, false, 10, 4, 3)]
    [InlineData(1, true, 10, 4, 2)]
    [InlineData(-1, false, -10, -1, 10)]
    [InlineData(-10, true, -10, -1, 0)]
    [InlineData(long.MinValue, false, long.MaxValue, 1, long.MaxValue)]
    public void It_knows_how_many_values_are_left(long last, bool called, long max, long increment, long remaining) =>
        Assert.Equal(remaining, new SequenceState("s", "q", last, called, max, increment).Remaining);
}
