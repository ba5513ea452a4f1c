using StreamingPg.Core.Generation;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Model;

/// <summary>What metadata may say of values, children and constraints comes into the model as it is written.</summary>
public sealed class RuleReaderTests
{
    [Fact]
    public void What_a_column_says_of_its_values_is_in_the_model()
    {
        var table = MetadataReader.Parse(
            """
            {
              "$schema": "metadata.schema.json",
              "people": {"columns": {
                "id": {"type": "UUID", "primary_key": true},
                "name": {"type": "VARCHAR(80)", "generator": "person.full_name", "locale": "de", "sensitive": true, "nullable": false},
                "iban": {"type": "VARCHAR(34)", "generator": {"kind": "finance.iban", "country": "DE"}, "unique": true},
                "mood": {"type": "VARCHAR(9)", "values": {"good": 3, "bad": 1}},
                "size": {"type": "INTEGER", "values": [1, {"value": 2, "weight": 2.5}], "nullable": true, "null_ratio": 0.25},
                "weight": {"type": "DECIMAL(5,2)", "min": 2.5, "max": 200, "distribution": {"kind": "normal", "mean": 70, "stddev": 12}},
                "code": {"type": "VARCHAR(9)", "pattern": "[A-Z]{3}-\\d{4}"},
                "born": {"type": "TIMESTAMP", "min": "1950-01-01"},
                "died": {"type": "TIMESTAMP", "after": {"column": "born", "within": "90 years"}}}}
            }
            """).Table("people");

        Assert.Equal(("person.full_name", "de", (bool?)true, (bool?)false), (table.Column("name").Generator!.Kind, table.Column("name").Locale, table.Column("name").IsSensitive, table.Column("name").IsNullable));
        Assert.Equal([KeyValuePair.Create<string, object>("country", "DE")], table.Column("iban").Generator!.Arguments);
        Assert.Equal([new WeightedValue("good", 3), new WeightedValue("bad", 1)], table.Column("mood").Values);
        Assert.Equal([new WeightedValue(1m, 1), new WeightedValue(2m, 2.5)], table.Column("size").Values);
        Assert.Equal(0.25, table.Column("size").NullRatio);
        Assert.Equal((2.5m, 200m), (table.Column("weight").Minimum, table.Column("weight").Maximum));
        Assert.Equal(new DistributionModel(DistributionKind.Normal) { Mean = 70m, StandardDeviation = 12m }, table.Column("weight").Distribution);
        Assert.Equal(@"[A-Z]{3}-\d{4}", table.Column("code").Pattern);
        Assert.Equal("1950-01-01", table.Column("born").Minimum);
        Assert.Equal(new AfterModel(null, "born", TimeSpan.FromDays(90 * 365)), table.Column("died").After);
        Assert.Equal(["iban"], Assert.Single(table.UniqueKeys));
    }

    [Fact]
    public void What_a_column_says_of_other_tables_is_in_the_model()
    {
        var model = MetadataReader.Parse(
            """
            {
              "orders": {"columns": {
                "id": {"type": "UUID", "primary_key": true},
                "owner": {"type": "VARCHAR(20)"},
                "placed": {"type": "TIMESTAMP"},
                "total": {"type": "DECIMAL(12,2)"}}},
              "lines": {"columns": {
                "order_id": {"type": "UUID", "primary_key": true, "foreign_key": {"table": "orders", "column": "id"}},
                "number": {"type": "SERIAL", "primary_key": true},
                "owner": {"type": "VARCHAR(20)", "equals_parent": "orders.owner"},
                "packed": {"type": "TIMESTAMP", "after": "orders.placed"},
                "count": {"type": "INTEGER"},
                "price": {"type": "DECIMAL(10,2)"}}}
            }
            """);

        Assert.Equal(new ColumnReference("orders", "owner"), model.Table("lines").Column("owner").EqualsParent);
        Assert.Equal(new AfterModel("orders", "placed", null), model.Table("lines").Column("packed").After);
    }

    [Fact]
    public void What_a_table_says_of_its_rows_is_in_the_model()
    {
        var table = MetadataReader.Parse(
            """
            {
              "seats": {
                "unique": [["row", "number"], ["code"]],
                "checks": ["number > 0", {"name": "short_code", "expression": "length(code) < 9"}],
                "indexes": [["row"], {"columns": ["code", "row"], "unique": true}],
                "rows_per_batch": 12,
                "retention": "30 days",
                "columns": {
                  "id": {"type": "UUID", "primary_key": true},
                  "row": {"type": "INTEGER"},
                  "number": {"type": "INTEGER", "unique": true},
                  "code": {"type": "VARCHAR(9)"}}}
            }
            """).Table("seats");

        Assert.Equal(["number", "row,number", "code"], table.UniqueKeys.Select(key => string.Join(',', key)));
        Assert.Equal([new CheckModel(null, "number > 0"), new CheckModel("short_code", "length(code) < 9")], table.Checks);
        Assert.Equal(["row False", "code,row True"], table.Indexes.Select(index => $"{string.Join(',', index.Columns)} {index.IsUnique}"));
        Assert.Equal((12L, TimeSpan.FromDays(30)), (table.RowsPerBatch, table.Retention));
    }

    [Theory]
    [InlineData("3", nameof(ChildCountKind.Range), 3, 3, null)]
    [InlineData("""{"min": 1, "max": 5}""", nameof(ChildCountKind.Range), 1, 5, null)]
    [InlineData("""{"max": 4, "parent": "orders"}""", nameof(ChildCountKind.Range), 1, 4, null)]
    [InlineData("""{"distribution": "poisson", "mean": 3, "max": 20}""", nameof(ChildCountKind.Poisson), 0, 20, 3.0)]
    [InlineData("""{"distribution": "geometric", "mean": 0.5, "min": 1}""", nameof(ChildCountKind.Geometric), 1, 5, 0.5)]
    [InlineData("""{"counts": {"7": 1, "0": 4, "9": 0, "2": 0.5}}""", nameof(ChildCountKind.List), 0, 7, null)]
    public void How_many_children_a_parent_gets(string json, string kind, long minimum, long maximum, double? mean)
    {
        var model = MetadataReader.Parse(
            $$$$"""
            {
              "orders": {"columns": {"id": {"type": "UUID", "primary_key": true}}},
              "lines": {"per_parent": {{{{json}}}}, "columns": {
                "id": {"type": "UUID", "primary_key": true}, "order_id": {"type": "UUID", "foreign_key": {"table": "orders", "column": "id"} } } }
            }
            """);

        var children = model.Table("lines").PerParent!;
        Assert.Equal((kind, minimum, maximum, mean), (children.Kind.ToString(), children.Minimum, children.Maximum, children.Mean));
    }

    [Theory]
    [InlineData("30 days", 30 * 86_400)]
    [InlineData("1 day 12 hours", 129_600)]
    [InlineData("1.5 Hours", 5_400)]
    [InlineData("30.00:00:00", 30 * 86_400)]
    [InlineData("00:00:05", 5)]
    [InlineData("90s", 90)]
    [InlineData("15m", 900)]
    [InlineData("12H", 43_200)]
    [InlineData("30d", 30 * 86_400)]
    [InlineData("2w", 14 * 86_400)]
    [InlineData("1500ms", 1)]
    [InlineData("1h30m", 5_400)]
    [InlineData(" 1 h 30 min ", 5_400)]
    [InlineData("00:01:30", 90)]
    [InlineData("24:00:00", 86_400)]
    [InlineData("100:00:00", 360_000)]
    [InlineData("P30D", 30 * 86_400)]
    [InlineData("PT15M", 900)]
    [InlineData("P1DT12H", 129_600)]
    [InlineData("P2W", 14 * 86_400)]
    [InlineData("PT1.5S", 1)]
    [InlineData("P1M", 30 * 86_400)]
    [InlineData("0s", 0)]
    [InlineData("0 days", 0)]
    [InlineData("0", null)]
    [InlineData("1.5", null)]
    [InlineData("1,000", null)]
    [InlineData("1,5h", null)]
    [InlineData("10:30", null)]
    [InlineData("1.24:00:00", null)]
    [InlineData("00:60:00", null)]
    [InlineData("P", null)]
    [InlineData("PT", null)]
    [InlineData("P1H", null)]
    [InlineData("-5s", null)]
    [InlineData("99999999999d", null)]
    [InlineData("999999999999999999999999999999999999d", null)]
    [InlineData("30", null)]
    [InlineData("days", null)]
    [InlineData("30 fortnights", null)]
    [InlineData("-00:05:00", null)]
    [InlineData("1 day 12", null)]
    [InlineData("999999999999999 years", null)]
    [InlineData("", null)]
    public void A_duration_has_a_unit_or_is_a_clock_or_ISO_8601(string text, int? seconds) =>
        Assert.Equal(seconds, (int?)DurationText.Parse(text)?.TotalSeconds);
}
