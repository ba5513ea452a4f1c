using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>Times between bounds, such as those of a table's partitions: when rows came about is never after the reference time.</summary>
public sealed class BoundedTimeTests
{
    [Fact]
    public void A_histogram_has_bounds_of_its_own_and_no_child_precedes_its_parent()
    {
        var model = MetadataReader.Parse("""
            {"users": {"columns": {"id": {"type": "UUID", "primary_key": true}, "age": {"type": "INTEGER", "distribution": {"kind": "histogram", "bounds": [3, 110, 120]} },
               "price": {"type": "DECIMAL(9,2)", "distribution": {"kind": "histogram", "bounds": [5000, 6000]} },
               "registration_date": {"type": "TIMESTAMP", "distribution": {"kind": "histogram", "bounds": ["1999-01-01", "2001-01-01", "2020-01-01"]} } } },
             "orders": {"columns": {"id": {"type": "UUID", "primary_key": true}, "user_id": {"type": "UUID", "foreign_key": "users.id"},
               "ordered_at": {"type": "TIMESTAMPTZ", "distribution": {"kind": "histogram", "bounds": ["2000-01-01Z", "2010-01-01Z"]} },
               "order_date": {"type": "DATE", "distribution": {"kind": "histogram", "bounds": ["2000-01-01", "2010-01-01"]} } } } }
            """);
        for (var seed = 0; seed < 20; seed++)
        {
            var rows = GeneratedRows.Of(GeneratedRows.PlanOf(0, 0, 0, seed, model: model) with { Rows = new Dictionary<string, long> { ["users"] = 200, ["orders"] = 400 } });

            Assert.InRange(rows.Column<int>("users", "age").Min(), 3, 17);
            Assert.InRange(rows.Column<int>("users", "age").Max(), 110, 120);
            Assert.All(rows.Column<decimal>("users", "price"), price => Assert.InRange(price, 5000, 6000));
            var registered = rows.Table("users").ToDictionary(row => (Guid)row[0]!, row => (DateTime)row[3]!);
            Assert.InRange(registered.Values.Count(time => time.Year < 2001) / 200.0, 0.3, 0.7);
            Assert.All(rows.Table("orders"), order =>
            {
                var since = registered[(Guid)order[1]!];
                Assert.True((DateTime)order[2]! >= since && (DateOnly)order[3]! >= DateOnly.FromDateTime(since), $"{order[2]} and {order[3]} after {since}");
                Assert.True((DateTime)order[2]! == since || ((DateTime)order[2]!).Year is >= 2000 and <= 2010);
            });
        }
    }

    [Fact]
    public void A_maximum_holds_for_children_with_a_distribution_too()
    {
        var model = MetadataReader.Parse("""
            {"users": {"columns": {"id": {"type": "UUID", "primary_key": true},
               "registration_date": {"type": "TIMESTAMP", "distribution": {"kind": "histogram", "bounds": ["1999-01-01", "2020-01-01"]} } } },
             "orders": {"columns": {"id": {"type": "UUID", "primary_key": true}, "user_id": {"type": "UUID", "foreign_key": "users.id"},
               "ordered_at": {"type": "TIMESTAMP", "max": "2009-12-31", "distribution": {"kind": "histogram", "bounds": ["2000-01-01", "2009-12-31"]} } } } }
            """);
        var rows = GeneratedRows.Of(GeneratedRows.PlanOf(0, 0, 0, 1, model: model) with { Rows = new Dictionary<string, long> { ["users"] = 50, ["orders"] = 400 } });

        Assert.Contains(rows.Column<DateTime>("users", "registration_date"), time => time.Year > 2010);
        Assert.All(rows.Column<DateTime>("orders", "ordered_at"), time => Assert.True(time <= new DateTime(2009, 12, 31), $"{time}"));
    }

    [Theory]
    [InlineData("TIMESTAMP")]
    [InlineData("TIMESTAMPTZ")]
    [InlineData("DATE")]
    public void No_time_is_after_the_reference_time_and_none_before_its_parent(string type)
    {
        var model = MetadataReader.Parse($$"""
            {"accounts": {"columns": {"id": {"type": "UUID", "primary_key": true}, "created_at": {"type": "TIMESTAMP"} } },
             "payments": {"columns": {"id": {"type": "UUID", "primary_key": true},
                                      "account": {"type": "UUID", "foreign_key": {"table": "accounts", "column": "id"} },
                                      "paid_at": {"type": "{{type}}", "min": "2024-06-01", "max": "2030-12-31"} } } }
            """);
        var generated = GeneratedRows.Of(new BatchPlan
        {
            Model = model,
            Seed = 3,
            BatchNumber = 1,
            ReferenceTime = BatchPlan.FixedReferenceTime,
            KeyTime = 1_700_000_000_000,
            Rows = new Dictionary<string, long> { ["accounts"] = 50, ["payments"] = 2000 },
        });

        var created = generated.Table("accounts").ToDictionary(row => (Guid)row[0]!, row => (DateTime)row[1]!);
        foreach (var row in generated.Table("payments"))
        {
            var paid = row[2] is DateOnly day ? day.ToDateTime(TimeOnly.MaxValue) : (DateTime)row[2]!;
            Assert.InRange(row[2] is DateOnly ? paid.Date : paid, new DateTime(2024, 6, 1), BatchPlan.FixedReferenceTime);
            Assert.True(paid >= created[(Guid)row[1]!], $"{paid:O} is before {created[(Guid)row[1]!]:O}");
        }
    }

    [Fact]
    public void Bounds_that_begin_after_the_reference_time_are_refused_by_name()
    {
        var error = Assert.Throws<StreamingException>(() =>
            GeneratedColumn.Values("""{"type": "TIMESTAMP", "min": "2026-01-01", "max": "2027-01-01"}""", 10));

        Assert.Contains("2026-01-01T00:00:00", error.Message, StringComparison.Ordinal);
        Assert.Contains("reference time", error.Message, StringComparison.Ordinal);
    }
}
