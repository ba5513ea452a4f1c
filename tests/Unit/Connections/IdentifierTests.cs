using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Connections;

public sealed class IdentifierTests
{
    [Theory]
    [InlineData("users", "\"users\"")]
    [InlineData("a\"b; drop table x", "\"a\"\"b; drop table x\"")]
    [InlineData("Größe", "\"Größe\"")]
    public void Any_name_is_quoted(string name, string quoted) => Assert.Equal(quoted, Identifier.Quote(name));

    [Theory]
    [InlineData("it's", "'it''s'")]
    [InlineData("a\\b", " E'a\\\\b'")]
    public void Any_text_is_a_literal(string value, string literal) => Assert.Equal(literal, Identifier.Literal(value));

    [Fact]
    public void Only_what_the_server_cannot_keep_is_refused()
    {
        Assert.Null(Identifier.WhyInvalid(new string('x', 63)));
        Assert.Null(Identifier.WhyInvalid("a\"b; drop table x"));
        Assert.NotNull(Identifier.WhyInvalid(""));
        Assert.NotNull(Identifier.WhyInvalid("a\0b"));
        Assert.NotNull(Identifier.WhyInvalid(new string('ö', 32)));
    }
}
