using System.Globalization;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Checks;

/// <summary>What CHECK constraints of metadata make of its columns.</summary>
public sealed class CheckNarrowingTests
{
    [Theory]
    [InlineData("INTEGER", "x > 0 AND x < 10", "min 1 max 9")]
    [InlineData("NUMERIC(5,2)", "x > 0 AND x < 10.5", "min 0.01 max 10.49")]
    [InlineData("REAL", "x >= 0 AND x <= 1", "min 0 max 1")]
    [InlineData("DATE", "x > '2020-01-31' AND x <= '2020-02-28 12:00'", "min 2020-02-01 max 2020-02-28")]
    [InlineData("TIMESTAMP", "x >= '2020-01-31 10:00' AND x < '2021-01-01'", "min 2020-01-31T10:00:00 max 2020-12-31T23:59:59.999999")]
    [InlineData("INTEGER", "x <> 0", "min 1")]
    [InlineData("INTEGER", "x BETWEEN -10 AND 2 AND x <> 0", "min -10 max -1")]
    [InlineData("INTEGER", "x IN (1, 2, 3) AND x > 1", "values 2,3")]
    [InlineData("TEXT", "x IN ('a', 'b')", "values a,b")]
    [InlineData("BOOLEAN", "x", "values True")]
    [InlineData("mood", "x <> 'sad'", "values ok,glad")]
    [InlineData("TEXT", "length(x) BETWEEN 3 AND 5", "min 3 max 5")]
    [InlineData("VARCHAR(5)", "x <> '' AND char_length(x) <= 5", "")]
    [InlineData("VARCHAR(4)", "x ~ '^[A-Z]+$' AND length(x) > 2", "pattern [A-Z]{3,4}")]
    [InlineData("TEXT", "x LIKE 'A-%' AND x <> ''", "pattern A\\-[a-z0-9]{0,8}")]
    [InlineData("code", "true", "pattern [A-Z]{2}")]
    [InlineData("code", "length(x) < 9", "pattern [A-Z]{2}")]
    public void Narrow_a_column(string type, string check, string narrowed)
    {
        var table = Table($$"""{"type": "{{type}}"}""", check);

        Assert.Empty(table.UnreadChecks);
        Assert.Equal(narrowed, Describe(table.Column("x")));
    }

    [Theory]
    [InlineData("""{"type": "INTEGER", "min": 5}""", "x > 0 AND x < 10", "min 5 max 9")]
    [InlineData("""{"type": "INTEGER", "values": {"0": 1, "3": 2}}""", "x > 0", "values 3")]
    [InlineData("""{"type": "TEXT", "pattern": "[a-c]"}""", "x ~ '^[a-z]$'", "pattern [a-c]")]
    [InlineData("""{"type": "TEXT", "min": 2}""", "x ~ '^[a-z]*$'", "pattern [a-z]{2,8}")]
    public void Keep_to_what_metadata_says(string column, string check, string narrowed)
    {
        var table = Table(column, check);

        Assert.Empty(table.UnreadChecks);
        Assert.Equal(narrowed, Describe(table.Column("x")));
    }

    [Theory]
    [InlineData("INTEGER", "x <= y", "min 0 max 500", "min 500 max 1000")]
    [InlineData("INTEGER", "x < y AND x >= 10 AND y <= 20", "min 10 max 15", "min 16 max 20")]
    [InlineData("NUMERIC(4,2)", "y > x", "min 0 max 49.50", "min 49.51 max 99")]
    [InlineData("TIMESTAMP", "x <= y", "", "after x")]
    [InlineData("DATE", "y > x AND y >= '2020-01-01'", "min 2020-01-01", "strictly after x")]
    [InlineData("DATE", "y >= x AND y < '2021-01-01' AND x >= '2020-01-01'", "min 2020-01-01 max 2020-07-01", "min 2020-07-01 max 2020-12-31")]
    public void Put_two_columns_in_order(string type, string check, string x, string y)
    {
        var table = Table($$"""{"type": "{{type}}"}""", check);

        Assert.Empty(table.UnreadChecks);
        Assert.Equal((x, y), (Describe(table.Column("x")), Describe(table.Column("y"))));
    }

    [Theory]
    [InlineData("y >= x", false)]
    [InlineData("y > x AND x < now()", true)]
    public void Leave_a_time_that_follows_another_already(string check, bool isStrict)
    {
        var table = MetadataReader.Parse(
            $$$"""
            {"t": {"columns": {"id": {"type": "UUID", "primary_key": true}, "x": {"type": "TIMESTAMP"},
                               "y": {"type": "TIMESTAMP", "after": {"column": "x", "within": "7d"}} }, "checks": ["{{{check}}}"]} }
            """).Table("t");

        Assert.Empty(table.UnreadChecks);
        Assert.Equal((TimeSpan.FromDays(7), isStrict), (table.Column("y").After!.Within, table.Column("y").After!.IsStrict));
    }

    [Theory]
    [InlineData("INTEGER", "x > 5 AND x < 5")]
    [InlineData("INTEGER", "x % 2 = 0")]
    [InlineData("INTEGER", "z > 0")]
    [InlineData("INTEGER", "x > 'many'")]
    [InlineData("INTEGER", "x > 0 AND x IN (-1, -2)")]
    [InlineData("TEXT", "x > 'a'")]
    [InlineData("TEXT", "x <> 'none'")]
    [InlineData("TEXT", "x ~ '^a' AND x ~ 'b$'")]
    [InlineData("CHAR(3)", "x ~ '^[a-z]{5}$'")]
    [InlineData("JSONB", "x = '{}'::jsonb AND x <> '{}'")]
    [InlineData("UUID", "x < y")]
    [InlineData("TIMESTAMP", "x <= y AND y <= '2020-01-01'")]
    public void Are_named_when_they_cannot_be_promised(string type, string check)
    {
        var unread = Assert.Single(Table($$"""{"type": "{{type}}"}""", check).UnreadChecks);

        Assert.Equal(("t", "c", check), (unread.Table, unread.Name, unread.Expression));
        Assert.Contains("\"trusted\": true", unread.ToError().Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Are_taken_on_trust_when_metadata_says_so()
    {
        var model = MetadataReader.Parse(
            """{"t": {"columns": {"id": {"type": "SERIAL", "primary_key": true}}, "checks": [{"expression": "id % 2 = 0", "trusted": true}]}}""");

        Assert.Empty(model.Table("t").UnreadChecks);
    }

    [Theory]
    [InlineData("id > 0", 0)]
    [InlineData("id > 10", 1)]
    [InlineData("up >= 1 AND up IS NOT NULL", 0)]
    [InlineData("up < 10", 1)]
    public void Of_keys_are_promised_as_far_as_counting_from_1_does(string check, int unread)
    {
        var model = MetadataReader.Parse(
            $$$"""
            {
              "p": {"columns": {"id": {"type": "INTEGER", "primary_key": true} } },
              "t": {"columns": {"id": {"type": "SERIAL", "primary_key": true}, "up": {"type": "INTEGER", "foreign_key": {"table": "p", "column": "id"} } },
                    "checks": ["{{{check}}}"]}
            }
            """);

        Assert.Equal(unread, model.Table("t").UnreadChecks.Count);
    }

    private static TableModel Table(string column, string check) => MetadataReader.Parse(
        $$$"""
        {
          "$types": {"mood": {"enum": ["sad", "ok", "glad"]}, "code": {"domain": "TEXT", "check": "VALUE ~ '^[A-Z]{2}$'"}},
          "t": {
            "columns": {"id": {"type": "UUID", "primary_key": true}, "x": {{{column}}}, "y": {{{column}}}},
            "checks": [{"name": "c", "expression": "{{{check}}}"}]
          }
        }
        """).Table("t");

    private static string Describe(ColumnModel column)
    {
        string?[] parts =
        [
            column.Minimum is null ? null : string.Create(CultureInfo.InvariantCulture, $"min {column.Minimum}"),
            column.Maximum is null ? null : string.Create(CultureInfo.InvariantCulture, $"max {column.Maximum}"),
            column.Values is null ? null : $"values {string.Join(',', column.Values.Select(value => value.Value))}",
            column.Pattern is null ? null : $"pattern {column.Pattern}",
            column.After is null ? null : $"{(column.After.IsStrict ? "strictly " : "")}after {column.After.Column}",
        ];
        return string.Join(' ', parts.OfType<string>());
    }
}
