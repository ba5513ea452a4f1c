using System.Text.RegularExpressions;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Records;

namespace StreamingPg.Tests.Unit.Generation;

public sealed partial class LocaleTests
{
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["ru"] = @"\p{IsCyrillic}", ["uk"] = @"\p{IsCyrillic}", ["el"] = @"\p{IsGreek}", ["ar"] = @"\p{IsArabic}", ["fa"] = @"\p{IsArabic}",
        ["ge"] = @"\p{IsGeorgian}", ["ko"] = @"\p{IsHangulSyllables}", ["zh"] = @"\p{IsCJKUnifiedIdeographs}",
        ["ja"] = @"\p{IsCJKUnifiedIdeographs}|\p{IsHiragana}|\p{IsKatakana}",
    };

    public static TheoryData<string> All => new(ValuePools.Locales);

    [Theory]
    [MemberData(nameof(All))]
    public void Every_locale_gives_names_and_addresses_that_a_mail_server_would_take(string locale)
    {
        var users = RecordGenerator.MakeUsers(300, new GenerationOptions { Seed = 1, Locale = locale }).ToArray();

        Assert.All(users, user =>
        {
            Assert.False(string.IsNullOrWhiteSpace(user.Name));
            Assert.False(string.IsNullOrWhiteSpace(user.City));
            Assert.Matches(Address(), user.Email);
        });
        Assert.Equal(300, users.Select(user => user.Email).Distinct(StringComparer.Ordinal).Count());
        Assert.True(users.Select(user => user.Name).Distinct(StringComparer.Ordinal).Count() > 50);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Names_are_in_the_script_of_their_locale_and_nothing_begins_or_ends_with_a_blank(string locale)
    {
        var users = RecordGenerator.MakeUsers(300, new GenerationOptions { Seed = 1, Locale = locale }).ToArray();

        Assert.All(users, user => Assert.Equal((user.Name!.Trim(), user.City!.Trim()), (user.Name, user.City)));
        var script = Scripts.GetValueOrDefault(locale.Split('_')[0], @"\p{IsBasicLatin}|\p{IsLatin-1Supplement}|\p{IsLatinExtended-A}|\p{IsLatinExtendedAdditional}|ə");
        var letters = users.SelectMany(user => user.Name!).Where(char.IsLetter).ToArray();
        var fitting = letters.Count(letter => Regex.IsMatch(letter.ToString(), script, RegexOptions.CultureInvariant));
        Assert.True(fitting > 0.95 * letters.Length, $"{locale}: {string.Join(", ", users.Take(5).Select(user => user.Name))}");
    }

    [Theory]
    [InlineData("ru")]
    [InlineData("cz")]
    [InlineData("sk")]
    [InlineData("uk")]
    [InlineData("lv")]
    [InlineData("az")]
    [InlineData("id_ID")]
    public void Locales_with_a_list_of_names_per_gender_use_them(string locale)
    {
        var english = ValuePools.For("en").FirstNames.Values.ToHashSet(StringComparer.Ordinal);
        var own = ValuePools.For(locale).FirstNames.Values;
        Assert.True(own.Count(english.Contains) < own.Count / 4, $"{locale} has English names: {string.Join(", ", own.Take(5))}");
    }

    [Theory]
    [InlineData("de", "de-DE")]
    [InlineData("zh_CN", "zh-cn")]
    [InlineData("fr", "FR")]
    public void A_locale_has_more_than_one_spelling(string one, string other) => Assert.Equal(
        RecordGenerator.MakeUsers(20, new GenerationOptions { Seed = 1, Locale = one }),
        RecordGenerator.MakeUsers(20, new GenerationOptions { Seed = 1, Locale = other }));

    [Fact]
    public void Locales_differ_in_their_names() => Assert.NotEqual(
        RecordGenerator.MakeUsers(20, new GenerationOptions { Seed = 1, Locale = "ja" }).Select(user => user.Name),
        RecordGenerator.MakeUsers(20, new GenerationOptions { Seed = 1, Locale = "fr" }).Select(user => user.Name));

    [Theory]
    [InlineData("xx")]
    [InlineData("")]
    [InlineData("english")]
    public void An_unknown_locale_is_refused_with_the_ones_there_are(string locale)
    {
        var error = Assert.Throws<StreamingException>(() => RecordGenerator.MakeUsers(1, new GenerationOptions { Locale = locale }));

        Assert.Equal(("UnknownLocale", StreamingErrorKind.InvalidInput), (error.ErrorId, error.Kind));
        Assert.Contains("de", error.Remedy, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^[a-z]+[._-]?[a-z]+\.\d+@(example\.(com|org|net)|[a-z]+\.example)$", RegexOptions.CultureInvariant)]
    private static partial Regex Address();
}
