using System.Text;
using System.Text.RegularExpressions;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>A pattern makes texts that it matches, and knows how many there are.</summary>
public sealed class PatternTests
{
    public static TheoryData<string> Patterns => new(
        "abc", "", "[a-c]", @"\d{4}", @"[A-Z]{2,3}-\d+", "a?b*c+", "(red|green|blue)", "(ab|c){2}", "(a|b|)x", @"^\w+\.txt$", "[^a-z]{3}",
        @"\(\d{3}\) \d{3}", "x{0}y", "x{2,}", "(?:no|yes)!", "[äöü]{2}", "[-_]", "[]a]", @"[\d_]{2}", ".{3}", "[0-9]{1,3}(,[0-9]{3})?", "a|b|c");

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Texts_match_for_every_seed(string pattern)
    {
        var whole = new Regex($"^(?:{pattern})$", RegexOptions.CultureInvariant);
        for (var seed = 0; seed < 50; seed++)
        {
            var column = new PatternColumn(CountedRandom.FromSeed(seed), pattern, null);
            for (var row = 0; row < 50; row++)
            {
                Assert.Matches(whole, Text(writer => column.Write(writer, row)));
            }
        }
    }

    [Theory]
    [InlineData("abc", 1)]
    [InlineData("[a-c][0-9]", 30)]
    [InlineData(@"\d{4}", 10_000)]
    [InlineData("(red|green|blue)[xy]?", 9)]
    [InlineData("a{0,3}", 4)]
    [InlineData("[ab]{1,3}c", 14)]
    [InlineData("(x|y[0-9]){2}", 121)]
    [InlineData("", 1)]
    [InlineData("[0-9]{1,3}(,[0-9]{3})?", 1_111_110)]
    public void Each_number_has_a_text_of_its_own(string pattern, long count)
    {
        var column = new PatternColumn(CountedRandom.FromSeed(1), pattern, null);
        var whole = new Regex($"^(?:{pattern})$", RegexOptions.CultureInvariant);
        var texts = new HashSet<string>(StringComparer.Ordinal);
        Assert.Equal(count, column.Count);
        for (long index = 0; index < count; index++)
        {
            var text = Text(writer => column.WriteIndex(writer, index));
            Assert.True(texts.Add(text), text);
            Assert.True(index > 10_000 || whole.IsMatch(text), text);
        }
    }

    [Theory]
    [InlineData("(a|a)")]
    [InlineData("a?a?")]
    [InlineData("a*a")]
    [InlineData("(ab|a)b?")]
    [InlineData("(a|b)*[ab]")]
    [InlineData("(a?)?")]
    public void A_pattern_that_makes_one_text_in_two_ways_is_not_counted(string pattern) =>
        Assert.Throws<FormatException>(() => new PatternColumn(CountedRandom.FromSeed(1), pattern, null).Count);

    [Theory]
    [InlineData("(", "a group is not closed")]
    [InlineData("a)", "\")\" has no opening counterpart")]
    [InlineData("[a", "a class is not closed")]
    [InlineData("[]", "a class is not closed")]
    [InlineData("[z-a]", "a range from \"z\" without an end")]
    [InlineData("*a", "\"*\" repeats nothing")]
    [InlineData("a**", "a repetition follows a repetition")]
    [InlineData("a{2", "a repetition is not closed")]
    [InlineData("a{x}", "a number of repetitions from 0 to 1000 is missing")]
    [InlineData("a{3,2}", "{3,2} is not a valid repetition")]
    [InlineData("a{9999}", "a number of repetitions from 0 to 1000 is missing")]
    [InlineData("(a{1000}){1000}", "texts of more than 10000 characters")]
    [InlineData(@"\b", "\"\\b\" is not supported")]
    [InlineData(@"a\", "it ends with a backslash")]
    [InlineData("a^b", "only at the start or the end")]
    [InlineData("(?=a)", "groups that start with (? are not supported")]
    public void What_is_not_understood_is_named(string pattern, string reason) => Assert.Contains(
        reason, Assert.Throws<FormatException>(() => PatternParser.Parse(pattern)).Message, StringComparison.Ordinal);

    [Fact]
    public void Random_patterns_are_read_or_refused_and_never_hang()
    {
        const string Pieces = "ab0-[](){},|?*+\\d.^$:é";
        var read = 0;
        for (var seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            var pattern = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            try
            {
                var column = new PatternColumn(CountedRandom.FromSeed(seed), pattern, null);
                Assert.NotNull(Text(writer => column.Write(writer, seed)));
                _ = column.Count;
                read++;
            }
            catch (FormatException)
            {
                // Refused with a reason.
            }
        }

        Assert.True(read > 1_000);
        Assert.Throws<FormatException>(() => PatternParser.Parse(new string('(', 100_000)));
        Assert.Equal(0, PatternParser.Parse("((((){1000}){1000}){1000}){1000}").MaximumLength);
    }

    private static string Text(Action<RowWriter> write)
    {
        using var block = new RowBlock(64);
        var writer = new RowWriter(block);
        write(writer);
        return Encoding.UTF8.GetString(block.Buffer, 4, writer.Position - 4);
    }
}
