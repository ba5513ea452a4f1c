using System.Globalization;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Import;

/// <summary>What a culture wrote is read as it was meant, or refused.</summary>
public sealed class CultureTextTests
{
    public static TheoryData<string> Cultures => new(
        "en-US", "en-GB", "de-DE", "fr-FR", "tr-TR", "sv-SE", "fa-IR", "th-TH", "ar-SA", "ja-JP", "de-CH", "es-ES", "hi-IN", "ru-RU", "zh-CN", "pt-BR");

    [Theory]
    [MemberData(nameof(Cultures))]
    public void What_a_culture_writes_it_reads(string name)
    {
        var culture = CultureInfo.GetCultureInfo(name);
        var text = new CultureText(culture, dateFormat: null);
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            var time = new DateTime(2000, 1, 1).AddSeconds(random.NextInt64(40L * 365 * 86_400));
            var amount = decimal.Round((decimal)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(1, 12))), 2);
            var number = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-20, 20));

            Assert.Equal(Microseconds(time), Microseconds(text.Read(new(ColumnKind.Timestamp), time.ToString(culture))));
            Assert.Equal(Microseconds(time), Microseconds(text.Read(new(ColumnKind.Timestamp), time.ToString(culture).Replace('\u202F', ' '))));
            Assert.Equal(
                Microseconds(time.AddHours(-2)),
                Microseconds(text.Read(new(ColumnKind.TimestampTz), new DateTimeOffset(time, TimeSpan.FromHours(2)).ToString(culture))));
            var date = DateOnly.FromDateTime(time);
            Assert.Equal(PostgresTime.FromDate(date), TimeConverter.ToDate(text.Read(new(ColumnKind.Date), date.ToString(culture))));
            Assert.Equal(amount, Number(text, ColumnKind.Decimal, amount.ToString(culture)));
            Assert.Equal(amount, Number(text, ColumnKind.Decimal, amount.ToString("N2", culture)));
            Assert.Equal(number, NumberConverter.ToDouble(text.Read(new(ColumnKind.DoublePrecision), number.ToString(culture))));
            Assert.Equal(-round, NumberConverter.ToInt32(text.Read(new(ColumnKind.Integer), (-round).ToString(culture))));
        }
    }

    [Theory]
    [InlineData("en-US", "03.04.2026")]
    [InlineData("en-US", "May 5")]
    [InlineData("en-US", "10:30")]
    [InlineData("en-US", "13/04/2026")]
    [InlineData("de-DE", "1.5")]
    [InlineData("de-DE", "04/13/2026")]
    [InlineData("fa-IR", "2026-04-03")]
    public void Other_dates_are_refused(string culture, string text) =>
        Assert.Throws<FormatException>(() => new CultureText(CultureInfo.GetCultureInfo(culture), null).Read(new(ColumnKind.Timestamp), text));

    [Theory]
    [InlineData("de-DE", "1.5")]
    [InlineData("de-DE", "12.34,5")]
    [InlineData("en-US", "1,5")]
    [InlineData("fr-FR", "1.5")]
    public void Groups_of_other_sizes_are_refused(string culture, string text) =>
        Assert.Throws<FormatException>(() => new CultureText(CultureInfo.GetCultureInfo(culture), null).Read(new(ColumnKind.Decimal), text));

    [Theory]
    [InlineData("dd.MM.yyyy", true)]
    [InlineData("yyyy/MM/dd HH:mm:ss", true)]
    [InlineData("MM/yyyy", false)]
    [InlineData("HH:mm", false)]
    [InlineData("%", false)]
    public void A_format_must_keep_the_date(string format, bool keeps) => Assert.Equal(keeps, CultureText.KeepsDate(format, null));

    [Fact]
    public void A_format_reads_dates_and_leaves_numbers()
    {
        var text = new CultureText(null, "dd.MM.yyyy");

        Assert.Equal(PostgresTime.FromDate(new DateOnly(2026, 4, 3)), TimeConverter.ToDate(text.Read(new(ColumnKind.Date), "03.04.2026")));
        Assert.Equal("1.5", text.Read(new(ColumnKind.Decimal), "1.5"));
        Assert.Throws<FormatException>(() => text.Read(new(ColumnKind.Date), "2026-04-03"));
    }

    private static long Microseconds(object value) => TimeConverter.ToTimestamp(value);

    private static decimal Number(CultureText text, ColumnKind kind, string given) =>
        NumberConverter.ToNumber(text.Read(new ColumnType(kind), given), "a number");
}
