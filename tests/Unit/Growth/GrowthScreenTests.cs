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

    [Fact]
    public void Several_tables_have_a_total()
    {
        var lines = new GrowthScreen("here").Text([Rate("users", 10), Rate("transactions", 30)], 100, 30).Split('\n');

        Assert.Matches(@"^total +~40 +\+20 +10  ", lines[6]);
        Assert.DoesNotContain("total", new GrowthScreen("here").Text([Rate("users", 10)], 100, 30), StringComparison.Ordinal);
    }

    [Fact]
    public void A_small_window_keeps_the_head_and_the_total()
    {
        var look = Enumerable.Range(0, 20).Select(table => Rate($"table{table}", 1)).ToList();
        var lines = new GrowthScreen($"127.0.0.1:5432/{new string('d', 60)} schema streaming").Text(look, 80, 12).Split('\n')[..^1];

        Assert.Contains("…  2026-01-01 00:00:00Z  Ctrl+C ends", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("… 15 more", lines[^2], StringComparison.Ordinal);
        Assert.StartsWith("total", lines[^1], StringComparison.Ordinal);
        Assert.Equal(11, lines.Length);
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
