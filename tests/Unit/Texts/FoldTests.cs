namespace StreamingPg.Tests.Unit.Texts;

public sealed class FoldTests
{
    /// <summary>No terminal is so wide: what is left is the narrowest column.</summary>
    private const int AlmostAll = 100_000;

    [Fact]
    public void Text_is_folded_at_words_and_what_is_said_of_it_stands_below() => Assert.Equal(
        "batch_ledger\n  No batch was\n  loaded.\n  0123456789abcd\n  efgh",
        DisplayText.Fold(AlmostAll, "batch_ledger", null, "", "No batch was loaded.", "0123456789abcdefgh"));

    [Fact]
    public void Text_that_fits_stays_as_it_is_but_for_what_a_terminal_would_obey() =>
        Assert.Equal("a␛[2J", DisplayText.Fold(AlmostAll, "a\e[2J"));
}
