using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>When the events of a batch happen, over many seeds: in their order, in their stretch of time, never after the reference time.</summary>
public sealed class EventTimeTests
{
    private const int Seeds = 1000;
    private static readonly DateTime End = new(2026, 3, 29, 1, 2, 3, DateTimeKind.Utc);
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(0.05, 10, 30, 100)]
    [InlineData(1, 10, 30, 100)]
    [InlineData(60, 10, 30, 100)]
    [InlineData(3600, 3, 200, 200)]
    [InlineData(1, 0, 30, 100)]
    [InlineData(0.0001, 2, 5, 10)]
    public void Events_of_now_lie_between_the_tick_before_and_the_tick(double seconds, int users, int transactions, int details)
    {
        var span = TimeSpan.FromSeconds(seconds);
        var before = GeneratedRows.Of(GeneratedRows.PlanOf(20, 0, 0, batchNumber: 1));
        for (var seed = 0; seed < Seeds; seed++)
        {
            using var existing = new ExistingRows(MetadataReader.Default.Table("users"));
            before.Table("users").ForEach(row => existing.Add(row));
            var rows = GeneratedRows.Of(Now(
                GeneratedRows.PlanOf(users, transactions, details, seed, 2, existing: new Dictionary<string, ExistingRows> { ["users"] = existing }), span));

            var registered = rows.Table("users").ToDictionary(row => (Guid)row[0]!, row => (DateTime)row[5]!);
            Assert.All(registered.Values, time => AssertWithin(time, span));
            foreach (var ofUser in rows.Table("transactions").GroupBy(row => (Guid)row[1]!))
            {
                var times = ofUser.Select(row => (DateTime)row[3]!).ToList();
                Assert.All(times, time => AssertWithin(time, span));
                if (registered.TryGetValue(ofUser.Key, out var registration))
                {
                    Assert.All(times, time => Assert.InRange(time - registration, TimeSpan.Zero, AtOnce));
                }
            }

            var dates = rows.Table("transactions").ToDictionary(row => (Guid)row[0]!, row => (DateTime)row[3]!);
            Assert.All(rows.Table("detailed_transactions"), line =>
            {
                AssertWithin((DateTime)line[6]!, span);
                Assert.InRange((DateTime)line[6]! - dates[(Guid)line[1]!], TimeSpan.Zero, AtOnce);
            });
        }
    }

    [Fact]
    public void The_rule_is_that_of_any_tables()
    {
        // Every kind of time column: of the row itself, after another of the row or of the parent, with bounds, unique, days, zones.
        var model = MetadataReader.Parse("""
            {"sites": {"columns": {"id": {"type": "SERIAL", "primary_key": true}, "opened": {"type": "DATE"}, "created_at": {"type": "TIMESTAMPTZ"} } },
             "orders": {"columns": {"id": {"type": "UUID", "primary_key": true}, "site": {"type": "INTEGER", "foreign_key": {"table": "sites", "column": "id"} },
                        "created_at": {"type": "TIMESTAMPTZ"}, "updated_at": {"type": "TIMESTAMP"}, "seen": {"type": "TIMESTAMP", "min": "2020-01-01", "max": "2090-01-01"},
                        "token_time": {"type": "TIMESTAMP", "unique": true} } },
             "payments": {"columns": {"id": {"type": "UUID", "primary_key": true}, "order_id": {"type": "UUID", "foreign_key": {"table": "orders", "column": "id"} },
                        "paid_at": {"type": "TIMESTAMP", "after": "orders.created_at"}, "settled_at": {"type": "TIMESTAMP", "after": {"column": "paid_at", "within": "5d"} } } } }
            """);
        var span = TimeSpan.FromSeconds(30);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var plan = GeneratedRows.PlanOf(0, 0, 0, seed, model: model);
            var rows = GeneratedRows.Of(Now(plan with
            {
                Rows = new Dictionary<string, long> { ["sites"] = 3, ["orders"] = 20, ["payments"] = 20 },
                SequenceValues = new Dictionary<string, SequenceValues> { ["sites"] = new(1, 1) },
            }, span));

            Assert.All(rows.Column<DateOnly>("sites", "opened"), day => Assert.Equal(DateOnly.FromDateTime(End), day));
            foreach (var (table, columns) in new[] { ("sites", "created_at"), ("orders", "created_at updated_at seen token_time"), ("payments", "paid_at settled_at") })
            {
                Assert.All(columns.Split(' ').SelectMany(column => rows.Column<DateTime>(table, column)), time => AssertWithin(time, span));
            }

            Assert.Equal(20, rows.Column<DateTime>("orders", "token_time").Distinct().Count());
            Assert.All(rows.Table("orders"), order => Assert.True((DateTime)order[2]! <= (DateTime)order[3]!));
            Assert.All(rows.Table("payments"), payment => Assert.True((DateTime)payment[2]! <= (DateTime)payment[3]!));
        }
    }

    [Fact]
    public void Spread_events_lie_within_the_time_span_after_their_parents()
    {
        var span = TimeSpan.FromHours(6);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var rows = GeneratedRows.Of(GeneratedRows.PlanOf(10, 30, 100, seed) with { ReferenceTime = End, Events = new EventTimes { Span = span } });
            var registered = rows.Table("users").ToDictionary(row => (Guid)row[0]!, row => (DateTime)row[5]!);

            Assert.All(registered.Values, time => Assert.InRange(time, End - span, End));
            Assert.All(rows.Table("transactions"), row => Assert.InRange((DateTime)row[3]!, registered[(Guid)row[1]!], End));
        }
    }

    [Fact]
    public void A_line_of_an_old_transaction_keeps_to_its_limit()
    {
        using var existing = new ExistingRows(MetadataReader.Default.Table("transactions"));
        existing.Add(Guid.NewGuid(), Guid.NewGuid(), null, End.AddDays(-9), null);

        var rows = GeneratedRows.Of(Now(
            GeneratedRows.PlanOf(0, 0, 50, existing: new Dictionary<string, ExistingRows> { ["transactions"] = existing }), TimeSpan.FromSeconds(1)));

        Assert.All(rows.Column<DateTime>("detailed_transactions", "created_at"), time => Assert.InRange(time, End.AddDays(-9), End.AddDays(-9) + AtOnce));
    }

    [Fact]
    public void A_batch_that_is_resumed_has_the_same_times()
    {
        var plan = Now(GeneratedRows.PlanOf(10, 30, 100), TimeSpan.FromMilliseconds(50)) with { Chunks = 3 };
        var kept = new LedgerRow(0, 3, 1, plan.Seed, End, PlanJson.Write(plan), plan.Rows, ForeignKeyCheck.Row, End);

        Assert.Equal(
            GeneratedRows.Of(plan).Column("transactions", "transaction_date"),
            GeneratedRows.Of(PlanJson.Read(plan.Model, kept)).Column("transactions", "transaction_date"));
    }

    [Fact]
    public void A_single_batch_of_now_has_events_of_the_last_minute()
    {
        var options = new BatchOptions { Rows = new Dictionary<string, long>(), EventTime = EventTime.Now };

        Assert.Equal(new EventTimes { IsNow = true, Span = TimeSpan.FromMinutes(1) }, options.Events);
        Assert.Equal(EventTimes.Usual, (options with { EventTime = null }).Events);
        Assert.True((options with { EventTime = null, Late = LateModel.Of(0.1, null) }).Events.IsNow);
        Assert.Throws<StreamingException>(() => (options with { EventTime = EventTime.Spread, Late = LateModel.Of(0.1, null) }).Check(MetadataReader.Default));
        Assert.Throws<StreamingException>(() => (options with { EventSpan = TimeSpan.Zero }).Check(MetadataReader.Default));
    }

    [Fact]
    public void A_share_of_the_rows_arrives_late_and_none_before_its_parents()
    {
        var span = TimeSpan.FromSeconds(1);
        var (late, rows, early) = (0L, 0L, 0L);
        for (var seed = 0; seed < Seeds; seed++)
        {
            using var existing = new ExistingRows(MetadataReader.Default.Table("users"));
            var before = GeneratedRows.Of(GeneratedRows.PlanOf(20, 0, 0, batchNumber: 1));
            before.Table("users").ForEach(row => existing.Add(row));
            var plan = Now(GeneratedRows.PlanOf(10, 30, 100, seed, 2, existing: new Dictionary<string, ExistingRows> { ["users"] = existing }), span);
            plan = plan with { Events = plan.Events with { Late = LateModel.Of(0.1, "5m..2h") } };
            var made = GeneratedRows.Of(plan);

            var registered = made.Table("users").Concat(before.Table("users")).ToDictionary(row => (Guid)row[0]!, row => (DateTime)row[5]!);
            var dates = made.Table("transactions").ToDictionary(row => (Guid)row[0]!, row => (DateTime)row[3]!);
            var times = made.Column<DateTime>("users", "registration_date").Concat(dates.Values).Concat(made.Column<DateTime>("detailed_transactions", "created_at")).ToList();
            Assert.All(made.Table("transactions"), row => Assert.InRange((DateTime)row[3]!, registered[(Guid)row[1]!], End));
            Assert.All(made.Table("detailed_transactions"), row => Assert.InRange((DateTime)row[6]! - dates[(Guid)row[1]!], TimeSpan.Zero, AtOnce));
            Assert.All(times, time => Assert.InRange(time, End - span - TimeSpan.FromHours(2), End));
            Assert.Equal(times.Count(time => time <= End - span), new BatchGenerator(plan, 0).CountLate());
            late += dates.Values.Count(time => time <= End - span);
            early += dates.Values.Count(time => time <= End - span && time > End - span - TimeSpan.FromMinutes(5));
            rows += dates.Count;
        }

        // 6,000 transactions; those of one new user are late together, so the share varies more than that of single rows.
        Assert.InRange((double)late / rows, 0.08, 0.12);
        Assert.True(early < late / 20, $"{early} of {late} late rows are less than five minutes late, which only a parent could ask for.");
    }

    [Theory]
    [InlineData(0.02, "2h..5m")]
    [InlineData(0.02, "5m..")]
    [InlineData(0.02, "5..7")]
    [InlineData(0.02, "1m..2m..3m")]
    [InlineData(0.02, "0s")]
    [InlineData(1.1, null)]
    [InlineData(null, "5m")]
    public void Late_arrivals_that_are_none_are_refused(double? share, string? range) =>
        Assert.Throws<StreamingException>(() => LateModel.Of(share, range));

    private static BatchPlan Now(BatchPlan plan, TimeSpan span) =>
        plan with { ReferenceTime = End, Events = new EventTimes { IsNow = true, Span = span } };

    private static void AssertWithin(DateTime time, TimeSpan span) => Assert.InRange(time, (End - span).AddTicks(1), End);
}
