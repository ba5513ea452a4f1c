using StreamingPg.Core.Growth;

namespace StreamingPg.Tests.Unit.Growth;

/// <summary>A terminal must not obey what data say.</summary>
public sealed class TerminalTextTests
{
    [Theory]
    [InlineData("\e]0;owned\a", "␛]0;owned␇")]
    [InlineData("a\u009b31mb\u007f", "a�31mb␡")]
    [InlineData("one\r\ntwo\t3", "one␍\ntwo\t3")]
    [InlineData("abc\u202ecba\u2066", "abc�cba�")]
    [InlineData("Zoë 漢字 🙂", "Zoë 漢字 🙂")]
    [InlineData(null, "")]
    public void Control_characters_are_shown_and_not_sent(string? text, string expected) => Assert.Equal(expected, DisplayText.Plain(text));

    [Fact]
    public void Rows_per_table_are_plain() => Assert.Equal("a␛[2J 5", DisplayText.Tables([new TableCount("a\e[2J", 5)]));

    [Fact]
    public void A_watch_shows_names_and_keeps_its_lines()
    {
        var look = new[] { new TableRate { Table = "t\e[2J\nx", Rows = 1, Time = DateTime.UnixEpoch, IsEstimate = false, Delta = 0, Elapsed = TimeSpan.Zero } };
        var text = new GrowthScreen("title\e[31m").Text(look, 100, 20);

        Assert.DoesNotContain("\e[2J", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[31m", text, StringComparison.Ordinal);
        Assert.Equal(5, text.Count(character => character == '\n'));
    }
}
