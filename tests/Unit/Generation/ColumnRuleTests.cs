using System.Globalization;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Values;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>Values follow the rules of metadata, for every seed.</summary>
public sealed class ColumnRuleTests
{
    private const int Seeds = 30;

    [Fact]
    public void Values_come_as_often_as_their_weights_say()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var counts = GeneratedColumn.Values<string>("""{"type": "VARCHAR(9)", "values": {"a": 6, "b": 3, "c": 1, "never": 0} }""", 10_000, seed).CountBy(value => value).ToDictionary();
            Assert.Equal(3, counts.Count);
            Assert.InRange(counts["a"], 5_700, 6_300);
            Assert.InRange(counts["b"], 2_750, 3_250);
            Assert.InRange(counts["c"], 850, 1_150);
        }
    }

    [Theory]
    [InlineData("INTEGER", "[1, 5, 9]", new[] { "1", "5", "9" })]
    [InlineData("DECIMAL(5,2)", "[1.5, 2]", new[] { "1.50", "2.00" })]
    [InlineData("TIMESTAMP", "[\"2024-02-29\"]", new[] { "2024-02-29T00:00:00" })]
    [InlineData("VARCHAR(20)", "[7, true, \"x\"]", new[] { "7", "true", "x" })]
    public void Values_may_be_of_any_type(string type, string values, string[] expected) => Assert.Equal(
        expected,
        GeneratedColumn.Values($$"""{"type": "{{type}}", "values": {{values}} }""", 100).Select(Core.Binary.FieldCodec.Describe).Distinct().Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("INTEGER", "\"min\": -5, \"max\": 5", -5, 5)]
    [InlineData("INTEGER", "\"min\": 2147483000", 2147483000, 2147483647)]
    [InlineData("INTEGER", "\"max\": -100", -1100, -100)]
    [InlineData("DECIMAL(6,3)", "\"min\": 0.5, \"max\": 0.75", 0.5, 0.75)]
    [InlineData("DECIMAL(9,6)", "\"min\": -0.000002, \"max\": 0.000002", -0.000002, 0.000002)]
    [InlineData("DECIMAL(4,2)", "\"min\": 90", 90, 99.99)]
    [InlineData("DECIMAL", "\"min\": 5, \"max\": 6", 5, 6)]
    [InlineData("DECIMAL(6,2)", "\"distribution\": {\"kind\": \"normal\", \"mean\": 70, \"stddev\": 10}", 10, 130)]
    [InlineData("DECIMAL(6,2)", "\"min\": 60, \"max\": 61, \"distribution\": {\"kind\": \"normal\", \"mean\": 70, \"stddev\": 10}", 60, 61)]
    [InlineData("DECIMAL(8,2)", "\"min\": 1, \"max\": 500, \"distribution\": \"lognormal\"", 1, 500)]
    [InlineData("INTEGER", "\"min\": 1, \"max\": 500, \"distribution\": \"exponential\"", 1, 500)]
    [InlineData("INTEGER", "\"min\": 3, \"max\": 30, \"distribution\": \"zipf\"", 3, 30)]
    [InlineData("INTEGER", "\"distribution\": {\"kind\": \"histogram\", \"bounds\": [1, 5, 5, 90]}", 1, 90)]
    [InlineData("INTEGER", "\"min\": 7, \"max\": 7", 7, 7)]
    public void Numbers_keep_their_bounds(string type, string rules, double minimum, double maximum)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            Assert.All(
                GeneratedColumn.Values($$"""{"type": "{{type}}", {{rules}} }""", 500, seed),
                value => Assert.InRange(Convert.ToDouble(value, CultureInfo.InvariantCulture), minimum, maximum));
        }
    }

    [Theory]
    [InlineData("SMALLINT", "-3", "9")]
    [InlineData("BIGINT", "5000000000", "5000000900")]
    [InlineData("DOUBLE PRECISION", "-0.5", "0.25")]
    [InlineData("REAL", "2", "4")]
    [InlineData("DATE", "\"2024-02-01\"", "\"2024-02-29\"")]
    [InlineData("TIME", "\"08:30:00\"", "\"17:00:00\"")]
    [InlineData("TIMESTAMPTZ", "\"2024-02-01T00:00:00Z\"", "\"2024-02-01T06:00:00Z\"")]
    [InlineData("INTERVAL", "\"1 hour\"", "\"3 days\"")]
    public void Every_type_that_has_an_order_keeps_its_bounds(string type, string minimum, string maximum)
    {
        var scale = Core.Generation.Values.ValueScale.For(GeneratedColumn.Model($$"""{"type": "{{type}}"}""").Table("t").Column("x").Type)!;
        object Bound(string json) => json.StartsWith('"') ? json.Trim('"') : decimal.Parse(json, CultureInfo.InvariantCulture);
        foreach (var distribution in new[] { "uniform", "normal", "exponential", "zipf" })
        {
            var steps = GeneratedColumn.Values($$"""{"type": "{{type}}", "min": {{minimum}}, "max": {{maximum}}, "distribution": "{{distribution}}" }""", 1000)
                .Select(value => scale.ToStep(value!, up: true)).ToArray();
            Assert.All(steps, step => Assert.InRange(step, scale.ToStep(Bound(minimum), up: true), scale.ToStep(Bound(maximum), up: false)));
            Assert.True(steps.Distinct().Count() > 4);
        }
    }

    [Fact]
    public void Times_and_lengths_keep_their_bounds()
    {
        Assert.All(
            GeneratedColumn.Values<DateTime>("""{"type": "TIMESTAMP", "min": "1950-01-01", "max": "1950-12-31T23:59:59"}""", 2000),
            time => Assert.Equal(1950, time.Year));
        Assert.All(GeneratedColumn.Values<string>("""{"type": "VARCHAR(40)", "min": 10, "max": 12}""", 2000), text => Assert.InRange(text.Length, 10, 12));
        Assert.All(GeneratedColumn.Values<string>("""{"type": "VARCHAR(4)", "min": 4}""", 2000), text => Assert.Equal(4, text.TrimEnd().Length));
    }

    [Fact]
    public void Bounds_are_reached()
    {
        var values = GeneratedColumn.Values<int>("""{"type": "INTEGER", "min": 1, "max": 6}""", 2000);

        Assert.Equal([1, 2, 3, 4, 5, 6], values.Distinct().Order());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    [InlineData(1)]
    public void Nulls_are_as_many_as_their_share(double ratio)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var values = GeneratedColumn.Values(FormattableString.Invariant($$"""{"type": "INTEGER", "null_ratio": {{ratio}} }"""), 5_000, seed);
            Assert.InRange(values.Count(value => value is null) / 5_000.0, ratio - 0.03, ratio + 0.03);
        }
    }

    [Fact]
    public void A_time_follows_the_column_that_it_names()
    {
        const string Others = """ "began": {"type": "TIMESTAMP", "null_ratio": 0.1}, """;
        var rows = GeneratedColumn.Rows(GeneratedColumn.Model("""{"type": "TIMESTAMP", "after": {"column": "began", "within": "3 hours"} }""", Others), 3000);

        Assert.All(rows.Table("t").Where(row => row[1] is not null), row => Assert.InRange((DateTime)row[2]!, (DateTime)row[1]!, ((DateTime)row[1]!).AddHours(3)));
        Assert.All(rows.Table("t"), row => Assert.True((DateTime)row[2]! <= rows.Plan.ReferenceTime));
    }

    [Fact]
    public void A_row_takes_what_its_parent_has_and_follows_its_time()
    {
        var model = MetadataReader.Parse(
            """
            {
              "p": {"columns": {"id": {"type": "UUID", "primary_key": true}, "owner": {"type": "VARCHAR(30)"},
                                "first": {"type": "TIMESTAMP"}, "second": {"type": "TIMESTAMP"}}},
              "t": {"columns": {"id": {"type": "UUID", "primary_key": true}, "p": {"type": "UUID", "foreign_key": {"table": "p", "column": "id"}},
                                "owner": {"type": "VARCHAR(30)", "equals_parent": "p.owner"}, "at": {"type": "TIMESTAMP", "after": "p.second"}}}
            }
            """);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var rows = GeneratedRows.Of(GeneratedRows.PlanOf(0, 0, 0, seed, model: model) with { Rows = new Dictionary<string, long> { ["p"] = 20, ["t"] = 200 } });
            var parents = rows.Table("p").ToDictionary(row => (Guid)row[0]!);
            Assert.All(rows.Table("t"), row =>
            {
                var parent = parents[(Guid)row[1]!];
                Assert.Equal(parent[1], row[2]);
                Assert.True((DateTime)row[3]! >= (DateTime)parent[3]!);
            });
        }
    }
}
