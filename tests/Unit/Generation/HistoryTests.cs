using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>Histories: in the order of time, on their curve, and the same however they are cut.</summary>
public sealed class HistoryTests
{
    private static readonly DateTime End = new(2026, 10, 1, 12, 0, 0, DateTimeKind.Utc);
    private static readonly TimeSpan Span = TimeSpan.FromDays(90);

    [Fact]
    public void The_same_seed_gives_the_same_history_however_it_is_cut()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var plan = Plan(50, 160, 500, new HistoryModel(GrowthCurve.Linear, 5, 0.2), seed);
            var whole = GeneratedRows.Of(plan);
            foreach (var chunks in new[] { 3, 11 })
            {
                var cut = GeneratedRows.Of(plan with { Chunks = chunks });
                Assert.All(plan.Model.Tables, table => Assert.Equal(whole.Table(table.Name), cut.Table(table.Name)));
            }

            var kept = new LedgerRow(0, 3, 1, plan.Seed, End, PlanJson.Write(plan with { Chunks = 3 }), plan.Rows, ForeignKeyCheck.Row, End);
            var resumed = GeneratedRows.Of(PlanJson.Read(plan.Model, kept));
            Assert.Equal(whole.Table("transactions"), resumed.Table("transactions"));
        }
    }

    [Theory]
    [InlineData(GrowthCurve.Flat, 0.0)]
    [InlineData(GrowthCurve.Linear, 0.3)]
    [InlineData(GrowthCurve.Exponential, 0.0)]
    [InlineData(GrowthCurve.Logistic, 0.9)]
    public void Rows_come_in_the_order_of_time_and_after_their_parents(GrowthCurve growth, double churn)
    {
        for (var seed = 0; seed < 250; seed++) // of each curve
        {
            var plan = Plan(40, 130, 300, new HistoryModel(growth, 20, churn), seed) with { Chunks = 5 };
            var rows = GeneratedRows.Of(plan);
            var registered = rows.Table("users").ToDictionary(row => (Guid)row[0]!, row => (DateTime)row[5]!);
            var dates = rows.Table("transactions").ToDictionary(row => (Guid)row[0]!, row => (DateTime)row[3]!);

            Assert.Equal(registered.Values.Order(), registered.Values);
            Assert.All(registered.Values, time => Assert.InRange(time, End - Span, End));
            Assert.All(rows.Table("transactions"), row => Assert.InRange((DateTime)row[3]!, registered[(Guid)row[1]!], End));
            Assert.All(rows.Table("detailed_transactions"), row => Assert.InRange((DateTime)row[6]!, dates[(Guid)row[1]!], End));

            // A row waits for its parent at most, which came at the same share of the history: chunks follow each other.
            var times = dates.Values.ToList();
            Assert.All(times.Zip(times.Skip(4)), pair => Assert.True(pair.First <= pair.Second + (Span / 8), $"{pair.First} before {pair.Second}"));
            RefersToNoLaterChunk(plan, rows);
        }
    }

    [Fact]
    public void The_rate_grows_as_requested_and_follows_the_rhythm()
    {
        var rhythm = RhythmModel.Of(MetadataReader.Default, RatePattern.Office, null);
        var plan = Plan(3000, 30_000, 0, new HistoryModel(GrowthCurve.Linear, 10, 0), 1);
        var times = GeneratedRows.Of(plan with { Events = plan.Events with { Rhythm = rhythm } }).Column<DateTime>("transactions", "transaction_date").ToList();

        // From 0.1 to 1 in 90 days: the last 45 days have (0.55 + 1) / (0.1 + 0.55) times as many as the first.
        var half = times.Count(time => time > End - (Span / 2)) / (double)times.Count;
        Assert.InRange(half, 0.69, 0.72);
        Assert.InRange(times.Count(time => time.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday) / (double)times.Count, 0.015, 0.03);

        var steep = GeneratedRows.Of(Plan(3000, 30_000, 0, new HistoryModel(GrowthCurve.Exponential, 1000, 0), 1)).Column<DateTime>("transactions", "transaction_date");
        Assert.InRange(steep.Count(time => time > End - (Span / 10)) / 30_000.0, 0.48, 0.52);
    }

    [Fact]
    public void Who_has_left_buys_no_more()
    {
        double Old(double churn)
        {
            var rows = GeneratedRows.Of(Plan(1000, 20_000, 0, new HistoryModel(GrowthCurve.Flat, 1, churn), 1));
            var registered = rows.Table("users").ToDictionary(row => (Guid)row[0]!, row => (DateTime)row[5]!);
            var late = rows.Table("transactions").Where(row => (DateTime)row[3]! > End.AddDays(-10)).ToList();
            return late.Count(row => registered[(Guid)row[1]!] < End.AddDays(-70)) / (double)late.Count;
        }

        // After 75 days on average, 80 % a month have left.
        Assert.InRange(Old(0.8) / Old(0), 0, 0.2);
        Assert.InRange(Old(0), 0.2, 0.6);
    }

    [Fact]
    public void A_pace_gives_the_rows_that_a_stream_would_have_loaded()
    {
        var options = new HistoryOptions { Length = TimeSpan.FromDays(70), Until = End, Interval = TimeSpan.FromMinutes(10) };
        var batch = new BatchOptions { Rows = new Dictionary<string, long>(), RowsOfMetadata = true };

        var flat = options.Of(MetadataReader.Default, batch);
        Assert.Equal((100_800L, 302_400L), (flat.Rows["users"], flat.Rows["transactions"]));

        // Ten weeks: the rhythm adds nothing and takes nothing.
        var shop = options.Of(MetadataReader.Default, batch with { Rhythm = RhythmModel.Of(MetadataReader.Default, RatePattern.Shop, "Asia/Tokyo") });
        Assert.Equal(100_800L, shop.Rows["users"]);
        var growing = (options with { Growth = GrowthCurve.Linear, GrowthFactor = 4 }).Of(MetadataReader.Default, batch);
        Assert.InRange(growing.Rows["users"], 100_800L * 0.624, 100_800L * 0.626);

        Assert.Throws<StreamingException>(() => (options with { BatchesPerSecond = 1 }).Of(MetadataReader.Default, batch));
        Assert.Throws<StreamingException>(() => options.Of(MetadataReader.Default, batch with { Parallel = 2 }));
    }

    private static void RefersToNoLaterChunk(BatchPlan plan, GeneratedRows rows)
    {
        var users = rows.Column<Guid>("users", "user_id").ToList();
        for (var chunk = 0; chunk < plan.Chunks; chunk++)
        {
            var generator = new BatchGenerator(plan, chunk);
            var (own, there) = (generator.Rows(plan.Model.Table("transactions")), generator.Rows(plan.Model.Table("users")).To);
            for (var row = own.From; row < own.To; row++)
            {
                Assert.InRange(users.IndexOf((Guid)rows.Table("transactions")[(int)row][1]!), 0, there - 1);
            }
        }
    }

    private static BatchPlan Plan(long users, long transactions, long details, HistoryModel history, long seed) =>
        GeneratedRows.PlanOf(users, transactions, details, seed) with { ReferenceTime = End, Events = new EventTimes { Span = Span, History = history } };
}
