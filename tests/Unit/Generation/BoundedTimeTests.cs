using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>Times between bounds, such as those of a table's partitions: when rows came about is never after the reference time.</summary>
public sealed class BoundedTimeTests
{
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
