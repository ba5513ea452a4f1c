using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Binary;

/// <summary>Dates and times as text: ISO 8601 and what PostgreSQL prints, and nothing whose day and month somebody must guess.</summary>
public sealed class TimeTextTests
{
    public static TheoryData<string> NoTimes => new(
        "03.04.2026", "03/04/2026", "1.5", "10:30", "12/5", "May 5", "5 May 2026", "2026-1-5", "2026-13-01", "2026-02-29", "1900-02-29",
        "0000-01-01", "2026-01-31T25:00", "2026-01-31 24:00:01", "2026-01-31 12:60", "2026-01-31T12", "2026-01-31T12:00:00+99:00",
        "2026-01-31 12:00 PM", "2026-01-31 12:00 CET", "2026-01-31T12:00:60", "2026-02-30 12:00:00", "2026-01-31T12:00:0x", "2026-01-31T12:00:00.", "0000-01-01T00:00:00", "2026-01-31T12:00:00.1ZZ", "2026-01-31x", "today", "20261301", "294277-01-01 00:00:00", "4714-01-01 BC", " ");

    [Theory]
    [MemberData(nameof(NoTimes))]
    public void What_is_no_ISO_time_is_refused(string text)
    {
        Assert.Throws<FormatException>(() => FieldCodec.Encode(new ColumnType(ColumnKind.Timestamp), text));
        Assert.Throws<FormatException>(() => FieldCodec.Encode(new ColumnType(ColumnKind.Date), text));
        Assert.Null(InstantText.Parse(text));
    }

    [Fact]
    public void Now_is_a_time_that_a_user_types_and_no_value_of_a_row()
    {
        Assert.InRange(InstantText.Parse("now")!.Value, DateTime.UtcNow.AddMinutes(-1), DateTime.UtcNow.AddMinutes(1));
        Assert.Throws<FormatException>(() => FieldCodec.Encode(new ColumnType(ColumnKind.Timestamp), "now"));
        Assert.Throws<FormatException>(() => FieldCodec.Encode(new ColumnType(ColumnKind.Date), "now"));
    }

    [Theory]
    [InlineData("2026-01-31", "2026-01-31 00:00:00")]
    [InlineData("20260131", "2026-01-31 00:00:00")]
    [InlineData("2026-01-31T24:00:00", "2026-02-01 00:00:00")]
    [InlineData(" 2026-01-31 12:30:00,5 ", "2026-01-31 12:30:00.5")]
    [InlineData("2026-01-31 12:30:00.1234567", "2026-01-31 12:30:00.123457")]
    [InlineData("2026-01-31 12:30:00.1234565", "2026-01-31 12:30:00.123456")]
    [InlineData("2026-01-31 23:59:59.9999999", "2026-02-01 00:00:00")]
    [InlineData("2026-01-31T12:30:00+0530", "2026-01-31 07:00:00")]
    [InlineData("2026-01-31 12:30:00-00:53:28", "2026-01-31 13:23:28")]
    [InlineData("0044-03-15 12:00:00 BC", "0044-03-15 12:00:00 BC")]
    [InlineData("0001-02-29 BC", "0001-02-29 00:00:00 BC")]
    [InlineData("4714-11-24 00:00:00 BC", "4714-11-24 00:00:00 BC")]
    [InlineData("294276-12-31 23:59:59.999999", "294276-12-31 23:59:59.999999")]
    [InlineData("infinity", "infinity")]
    [InlineData("-Infinity", "-infinity")]
    public void A_time_is_taken_to_the_microsecond_in_UTC(string text, string kept) =>
        Assert.Equal(kept, TimeText.OfTimestamp(TimeText.Timestamp(text)!.Value, hasZone: false));

    [Theory]
    [InlineData("0753-04-21 BC")]
    [InlineData("5874897-12-31")]
    [InlineData("4714-11-24 BC")]
    [InlineData("infinity")]
    [InlineData("-infinity")]
    public void A_date_that_dotNET_does_not_have_comes_back_as_text(string text) =>
        Assert.Equal(text, FieldCodec.Read(new ColumnType(ColumnKind.Date), FieldCodec.Encode(new ColumnType(ColumnKind.Date), text)));

    [Fact]
    public void Midnight_of_the_next_day_is_a_time_of_day()
    {
        var type = new ColumnType(ColumnKind.Time);

        Assert.Equal("24:00:00", FieldCodec.Read(type, FieldCodec.Encode(type, "24:00:00")));
        Assert.Throws<FormatException>(() => FieldCodec.Encode(type, "24:00:01"));
        Assert.Throws<FormatException>(() => FieldCodec.Encode(type, "12:30+02"));
    }

    [Theory]
    [InlineData("2026-01-31T00:00:00Z", true)]
    [InlineData("2026-01-31 00:00:00", true)]
    [InlineData("2026-01-31T00:00:00+02:00", false)]
    [InlineData("2026-01-31T00:00:01", false)]
    public void A_date_loses_neither_a_time_nor_a_zone(string text, bool isTaken)
    {
        var error = Record.Exception(() => FieldCodec.Encode(new ColumnType(ColumnKind.Date), text));

        Assert.Equal(isTaken, error is null);
    }

    [Fact]
    public void Days_are_those_of_the_calendar()
    {
        for (var day = DateOnly.MinValue; day < DateOnly.MaxValue.AddDays(-97); day = day.AddDays(97))
        {
            var days = PostgresTime.FromDate(day);
            Assert.Equal(days, CivilDay.FromDate(day.Year, day.Month, day.Day));
            Assert.Equal((day.Year, day.Month, day.Day), CivilDay.ToDate(days));
        }

        for (var day = PostgresTime.FirstDate; day < PostgresTime.EndOfDates - 999_983; day += 999_983)
        {
            var (year, month, ofMonth) = CivilDay.ToDate(day);
            Assert.Equal(day, CivilDay.FromDate((int)year, month, ofMonth));
        }
    }
}
