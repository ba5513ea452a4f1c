using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Generation.Values;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>Events over the week: in the time zone's own hours, with daylight saving, and exactly as many as planned.</summary>
public sealed class RhythmCurveTests
{
    private const double Hour = 3_600_000_000;

    public static TheoryData<string> Zones => ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca"];

    [Theory]
    [MemberData(nameof(Zones))]
    public void Sum_and_time_are_each_others_inverse_and_never_go_back(string zone)
    {
        var curve = Of(RatePattern.Shop, zone);
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var time = random.NextInt64(Micro(new DateTime(1960, 1, 1)), Micro(new DateTime(2150, 1, 1)));
            Assert.InRange(curve.TimeOf(curve.SumAt(time)) - time, -20, 20);
            Assert.True(curve.SumAt(time) < curve.SumAt(time + 1_000_000));
        }

        // Through every quarter of an hour of a year, the changes of the clock included.
        for (var time = Micro(new DateTime(2026, 1, 1)); time < Micro(new DateTime(2027, 1, 1)); time += (long)(Hour / 4))
        {
            Assert.InRange(curve.SumAt(time + (Hour / 4)) - curve.SumAt(time), Hour / 4 * 0.05, Hour / 4 * 3);
        }
    }

    [Theory]
    [MemberData(nameof(Zones))]
    public void Over_a_week_without_a_change_of_the_clock_the_rate_is_the_requested_one(string zone)
    {
        var curve = Of(RatePattern.Office, zone);
        var start = Micro(new DateTime(2026, 7, 8, 5, 6, 7));

        Assert.Equal(168 * Hour, curve.SumAt(start + (168 * Hour)) - curve.SumAt(start), 1.0);
    }

    [Fact]
    public void Hours_are_those_of_the_time_zone_in_summer_and_in_winter()
    {
        var curve = Of(RatePattern.Shop, "Europe/Berlin");

        // 20:00 in Berlin on Saturdays, two hours ahead of UTC in July and one in January.
        Assert.Equal(curve.WeightAt(Micro(new DateTime(2026, 7, 11, 18, 30, 0))), curve.WeightAt(Micro(new DateTime(2026, 1, 10, 19, 30, 0))));
        Assert.NotEqual(curve.WeightAt(Micro(new DateTime(2026, 7, 11, 19, 30, 0))), curve.WeightAt(Micro(new DateTime(2026, 1, 10, 19, 30, 0))));
    }

    [Fact]
    public void An_hour_that_is_left_out_has_no_events_and_one_that_is_repeated_has_them_twice()
    {
        // Only the hour from 2 to 3 has events. On 2026-03-29 there is none in Berlin, on 2026-10-25 there are two.
        var curve = RhythmCurve.Of(new RhythmModel("Europe/Berlin", [.. Enumerable.Range(0, 24).Select(hour => hour == 2 ? 1.0 : 0)], [1, 1, 1, 1, 1, 1, 1]));
        double Of(DateTime day) => (curve.SumAt(Micro(day.AddDays(1))) - curve.SumAt(Micro(day))) / (24 * Hour);

        Assert.Equal(1, Of(new DateTime(2026, 3, 27, 12, 0, 0)), 9);
        Assert.Equal(0, Of(new DateTime(2026, 3, 28, 12, 0, 0)), 9);
        Assert.Equal(2, Of(new DateTime(2026, 10, 24, 12, 0, 0)), 9);

        // A quiet time ends with its last moment: the next event is at 02:00 in Berlin.
        var noon = Micro(new DateTime(2026, 7, 8, 10, 0, 0));
        Assert.Equal(Micro(new DateTime(2026, 7, 9, 0, 0, 0)), curve.TimeOf(curve.SumAt(noon)), 1.0);
    }

    [Fact]
    public void Months_and_dates_have_their_factors()
    {
        var rhythm = new RhythmModel("Europe/Berlin", [.. Enumerable.Repeat(1.0, 24)], [.. Enumerable.Repeat(1.0, 7)])
        {
            Months = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3],
            Dates = new Dictionary<string, double> { ["12-25"] = 0, ["2026-11-27"] = 4 },
        };
        var curve = RhythmCurve.Of(rhythm);
        double Of(DateTime from, DateTime to) => (curve.SumAt(Micro(to)) - curve.SumAt(Micro(from))) / (24 * Hour);

        // Days in Berlin begin at 23:00 UTC in winter. Over a year the months have a mean of 1: 334 days with 1 and 31 with 3.
        var usual = 365.25 / (334 + (31 * 3));
        Assert.Equal(usual, Of(new DateTime(2026, 11, 2, 23, 0, 0), new DateTime(2026, 11, 3, 23, 0, 0)), 6);
        Assert.Equal(4 * usual, Of(new DateTime(2026, 11, 26, 23, 0, 0), new DateTime(2026, 11, 27, 23, 0, 0)), 6);
        Assert.Equal(usual, Of(new DateTime(2025, 11, 26, 23, 0, 0), new DateTime(2025, 11, 27, 23, 0, 0)), 6);
        Assert.Equal(3 * usual, Of(new DateTime(2026, 12, 1, 23, 0, 0), new DateTime(2026, 12, 2, 23, 0, 0)), 6);
        Assert.Equal(0, Of(new DateTime(2030, 12, 24, 23, 0, 0), new DateTime(2030, 12, 25, 23, 0, 0)), 6);
        Assert.Equal(Micro(new DateTime(2030, 12, 25, 23, 0, 0)), curve.TimeOf(curve.SumAt(Micro(new DateTime(2030, 12, 25, 12, 0, 0)))), 1.0);
        Assert.Equal(0, curve.WeightAt(Micro(new DateTime(2030, 12, 25, 12, 0, 0))));
        for (var time = Micro(new DateTime(2026, 11, 20)); time < Micro(new DateTime(2026, 12, 20)); time += (long)Hour)
        {
            Assert.InRange(curve.TimeOf(curve.SumAt(time)) - time, -20, 20);
        }
    }

    [Fact]
    public void Event_times_of_a_batch_follow_the_rhythm()
    {
        var end = new DateTime(2026, 8, 3, 0, 0, 0, DateTimeKind.Utc);
        var rhythm = RhythmModel.Of(MetadataReader.Default, RatePattern.Office, null);
        var rows = GeneratedRows.Of(GeneratedRows.PlanOf(500, 20_000, 0) with
        {
            ReferenceTime = end,
            Events = new EventTimes { Span = TimeSpan.FromDays(28), Rhythm = rhythm },
        });

        var times = rows.Column<DateTime>("transactions", "transaction_date").ToList();
        var registered = rows.Table("users").ToDictionary(row => (Guid)row[0]!, row => (DateTime)row[5]!);
        Assert.All(rows.Table("transactions"), row => Assert.InRange((DateTime)row[3]!, registered[(Guid)row[1]!], end));
        Assert.InRange(times.Count(time => time.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday) / 20_000.0, 0.01, 0.06); // those who register on the last weekend buy then
        Assert.InRange(times.Count(time => time.Hour is 9 or 10 or 11) / 20_000.0, 0.30, 0.38);
        Assert.InRange(registered.Values.Count(time => time.Hour is 9 or 10 or 11) / 500.0, 0.25, 0.43);
    }

    [Theory]
    [InlineData("""{"hours": [1, 2]}""", "\"hours\" has 2 weights, but a day has 24 hours")]
    [InlineData("""{"dates": {"2026-02-30": 2}}""", "\"dates\" cannot have \"2026-02-30\": it is no date")]
    [InlineData("""{"dates": {"12-25": -1}}""", "its factor must be from 0 to 1000")]
    [InlineData("""{"months": [1]}""", "\"months\" has 1 weights, but a year has 12 months")]
    [InlineData("""{"weekdays": {"sun": 1}}""", "the property \"sun\" is unknown")]
    [InlineData("""{"weekdays": {"sunday": -1}}""", "\"sunday\" must be a weight from 0 to 1000000")]
    [InlineData("""{"time_zone": "Europe/Atlantis"}""", "this machine knows no such time zone")]
    [InlineData("""{"weekdays": {"monday": 0, "tuesday": 0, "wednesday": 0, "thursday": 0, "friday": 0, "saturday": 0, "sunday": 0}}""", "all weights of \"weekdays\" are 0")]
    public void A_rhythm_that_is_none_is_refused_with_its_place(string rhythm, string reason)
    {
        var error = Assert.Throws<StreamingException>(() => MetadataReader.Parse(
            "{\"$rhythm\": " + rhythm + ", \"t\": {\"columns\": {\"id\": {\"type\": \"UUID\", \"primary_key\": true} } } }"));

        Assert.Contains("$rhythm", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_replaces_the_rhythm_of_the_metadata()
    {
        var model = MetadataReader.Parse(
            """{"$rhythm": {"time_zone": "Europe/Berlin", "weekdays": {"sunday": 0}}, "t": {"columns": {"id": {"type": "UUID", "primary_key": true} } } }""");

        Assert.Equal("Europe/Berlin", RhythmModel.Of(model, null, null)?.TimeZone);
        Assert.Equal("UTC", RhythmModel.Of(model, RatePattern.Shop, null)?.TimeZone);
        Assert.Null(RhythmModel.Of(model, RatePattern.Flat, null));
        Assert.Equal(4, RhythmModel.Of(MetadataReader.Default, null, "Asia/Tokyo", new Dictionary<string, double> { ["02-29"] = 4 })?.Dates["02-29"]);
        Assert.Throws<StreamingException>(() => RhythmModel.Of(model, null, null, new Dictionary<string, double> { ["2-29"] = 4 }));
        Assert.Throws<StreamingException>(() => RhythmModel.Of(model, null, "Europe/Berlin"));
        Assert.Throws<StreamingException>(() => RhythmModel.Of(model, RatePattern.Shop, "Mars/Olympus"));
    }

    private static RhythmCurve Of(RatePattern pattern, string zone) => RhythmCurve.Of(RhythmModel.Of(MetadataReader.Default, pattern, zone)!);

    private static long Micro(DateTime time) => PostgresTime.FromDateTime(time);
}
