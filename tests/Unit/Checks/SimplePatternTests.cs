using StreamingPg.Core.Checks;

namespace StreamingPg.Tests.Unit.Checks;

/// <summary>Regular expressions of CHECK constraints, as patterns that values are made from.</summary>
public sealed class SimplePatternTests
{
    [Theory]
    [InlineData("^[A-Z]{2}$", "[A-Z]{2}", 2, 2)]
    [InlineData("^[A-Z]{2}-\\d{3,5}$", "[A-Z]{2}\\-[0-9]{3,5}", 6, 8)]
    [InlineData("^(ab|c)?x+$", "(ab|c)?x{1,9}", 1, 11)]
    [InlineData("^a$|^b*$", "a|b{0,8}", 0, 8)]
    [InlineData("^[^@]+@[^@]+\\.[a-z]{2,}$", "[0-9A-Za-z]{1,9}@[0-9A-Za-z]{1,9}\\.[a-z]{2,10}", 6, 30)]
    [InlineData("^[[:alpha:]_]\\w*$", "[A-Z_a-z][a-z0-9_]{0,8}", 1, 9)]
    [InlineData("^(?:x.)$", "(x[a-z0-9])", 2, 2)]
    public void Are_turned_into_patterns(string regex, string pattern, int minLength, int maxLength)
    {
        var read = SimplePattern.Parse(regex);

        Assert.NotNull(read);
        Assert.Equal((pattern, minLength, maxLength), (read.ToString(), read.MinLength, read.MaxLength));
    }

    [Theory]
    [InlineData("^[A-Z]+$", 5, 5, "[A-Z]{5}")]
    [InlineData("^[A-Z]{2,10}x*$", 4, 6, "[A-Z]{4,6}")]
    [InlineData("^A.*$", null, 3, "A[a-z0-9]{0,2}")]
    [InlineData("^A.*$", 20, null, "A[a-z0-9]{19}")]
    [InlineData("^(a|abcdef)$", null, 3, null)]
    [InlineData("^abc$", 4, null, null)]
    public void Are_fitted_to_a_length(string regex, int? minLength, int? maxLength, string? pattern) =>
        Assert.Equal(pattern, SimplePattern.Parse(regex)!.Fit(minLength, maxLength)?.ToString());

    [Theory]
    [InlineData("a^b")]
    [InlineData("(?=a)b")]
    [InlineData("(a)\\1")]
    [InlineData("[z-a]")]
    [InlineData("[[.hyphen.]]")]
    [InlineData("a{2,1}")]
    [InlineData("a**")]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("\\")]
    [InlineData("\\m")]
    public void Are_refused_when_they_are_not_simple(string regex) => Assert.Null(SimplePattern.Parse(regex));
}
