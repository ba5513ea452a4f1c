using StreamingPg.Core.Growth;

namespace StreamingPg.Tests.Unit.Growth;

public sealed class GrowthScreenTests
{
    [Theory]
    [InlineData(new double[0], "")]
    [InlineData(new[] { 0.0, 0 }, "▁▁")]
    [InlineData(new[] { 1.0, 4, 8, 0, -3 }, "▂▅█▁▁")]
    public void Rates_are_bars(double[] rates, string bars) => Assert.Equal(bars, DisplayText.Sparkline(rates));

    [Fact]
    public void A_look_is_written_over_the_one_before()
    {
        var screen = new GrowthScreen("here");
        var first = screen.Text([Rate("users", 10)], 100, 30);
        var second = screen.Text([Rate("users", 20)], 100, 30);

        Assert.DoesNotContain("F", first[..4], StringComparison.Ordinal);
        Assert.StartsWith("\e[5F", second, StringComparison.Ordinal);
        Assert.Equal(5, second.Count(character => character == '\n'));
        Assert.Contains("~20", second, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40, 30)]
    [InlineData(100, 4)]
    public void Nothing_wraps_or_scrolls(int width, int height)
    {
        var screen = new GrowthScreen(new string('x', 200));
        var look = Enumerable.Range(0, 10).Select(table => Rate($"table{table}", 1_000_000)).ToList();
        var lines = screen.Text(look, width, height).Split('\n')[..^1];

        Assert.True(lines.Length < height);
        Assert.All(lines, line => Assert.True(line.Replace("\e[K", "", StringComparison.Ordinal).Length < width, line));
    }

    private static TableRate Rate(string table, long rows) => new()
    {
        Time = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        Table = table,
        Rows = rows,
        IsEstimate = true,
        Delta = 10,
        Elapsed = TimeSpan.FromSeconds(2),
        RecentRates = [.. Enumerable.Repeat(5.0, 60)],
    };
}
