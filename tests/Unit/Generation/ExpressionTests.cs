namespace StreamingPg.Tests.Unit.Generation;

/// <summary>Expressions give what SQL gives, in the type of the column; what cannot be worked out is refused with place and remedy.</summary>
public sealed class ExpressionTests
{
    private const string Others = """
        "a": {"type": "INTEGER", "values": [7]}, "b": {"type": "DECIMAL(10,2)", "values": [2.50]}, "name": {"type": "TEXT", "values": ["Ada Ä. O'Neil"]},
        "at": {"type": "TIMESTAMP", "values": ["2026-02-28T22:30:00"]}, "yes": {"type": "BOOLEAN", "values": [true]},
        "none": {"type": "TEXT", "null_ratio": 1}, "Mixed": {"type": "INTEGER", "values": [3]},
        """;

    [Theory]
    [InlineData("a / 2", "3.5")]
    [InlineData("a + b * 2 - -1", "13")]
    [InlineData("(a + 1) % 5", "3")]
    [InlineData("round(b * 3, 0)", "8")]
    [InlineData("floor(-b)", "-3")]
    [InlineData("greatest(a, b, 9)", "9")]
    [InlineData("coalesce(length(none), 4)", "4")]
    [InlineData("length(name)", "13")]
    [InlineData("mixed * 2", "6")]
    [InlineData("case when a > 5 and yes then 1 when a > 3 then 2 else 3 end", "1")]
    [InlineData("case when not yes then 1 end", null)]
    [InlineData("nullif(a, 7)", null)]
    [InlineData("a + length(none)", null)]
    [InlineData("days_between(at, '2026-03-02 10:30')", "1.5")]
    [InlineData("year(at + days(1))", "2026")]
    [InlineData("month(at + hours(2))", "3")]
    [InlineData("weekday(date '2026-03-01')", "7")]
    [InlineData("'42'::integer + 1", "43")]
    public void A_number(string expression, string? expected) => Assert.Equal(
        expected, Value("NUMERIC", expression) is decimal number ? number.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture) : null);

    [Theory]
    [InlineData("upper(left(name, 3)) || '-' || a", "ADA-7")]
    [InlineData("substr(name, 5, 2) || right(name, 4)", "Ä.Neil")]
    [InlineData("lpad(a::text, 4, '0')", "0007")]
    [InlineData("replace(name, '''', '')", "Ada Ä. ONeil")]
    [InlineData("concat(none, btrim('  x '), b)", "x2.50")]
    [InlineData("name || none", null)]
    [InlineData("at::date::text", "2026-02-28")]
    [InlineData("case when name like 'Ada%' then 'she' else 'other' end", "she")]
    [InlineData("case when name in ('x', none) then 'in' else 'out' end", "out")]
    public void A_text(string expression, string? expected) => Assert.Equal(expected, Value("TEXT", expression));

    [Theory]
    [InlineData("INTEGER", "b + 1", 4)] // half away from zero
    [InlineData("BOOLEAN", "a between 1 and 7", true)]
    [InlineData("BOOLEAN", "none is null or a < 0", true)]
    [InlineData("BOOLEAN", "none = 'x'", null)]
    [InlineData("BOOLEAN", "at >= '2026-02-28' and at < timestamp '2026-03-01'", true)]
    [InlineData("DOUBLE PRECISION", "a / 4", 1.75)]
    public void A_value_of_the_type_of_the_column(string type, string expression, object? expected) => Assert.Equal(expected, Value(type, expression));

    [Fact]
    public void Times_are_of_the_type_of_the_column()
    {
        Assert.Equal(new DateOnly(2026, 3, 1), Value("DATE", "at + hours(2)"));
        Assert.Equal(new DateTime(2026, 2, 28, 20, 30, 0), Value("TIMESTAMP", "at - 2 * hours(1)"));
        Assert.Equal(true, Value("BOOLEAN", "'2026-03-02 10:30'::timestamp - at = hours(36)"));
    }

    [Theory]
    [InlineData("TEXT", "a +", "it is incomplete")]
    [InlineData("TEXT", "nam || 'x'", "it names the column \"nam\", which table \"t\" does not have (did you mean \"name\"?)")]
    [InlineData("TEXT", "yeer || 'x'", "it names the column \"yeer\", which table \"t\" does not have (did you mean \"year\"?)")]
    [InlineData("TEXT", "uper(name)", "there is no function uper() (did you mean \"upper\"?)")]
    [InlineData("TEXT", "upper(a)", "upper() takes text, not a number; write ::text after it")]
    [InlineData("TEXT", "upper()", "upper() takes 1 argument")]
    [InlineData("TEXT", "name + 'x'", "+ is not defined for text and text; join text with ||")]
    [InlineData("TIMESTAMP", "at + 3", "+ is not defined for a time and a number; write days(3) for three days")]
    [InlineData("INTEGER", "name", "it makes text, but the type is INTEGER")]
    [InlineData("TEXT", "a * 2", "it makes a number, but the type is TEXT")]
    [InlineData("BOOLEAN", "a = name", "= has a number and text")]
    [InlineData("BOOLEAN", "at > 'soon'", "'soon' is not a time")]
    [InlineData("INTEGER", "users.age", "it names the table \"users\", to which no foreign key of the table refers at once")]
    [InlineData("INTEGER", "case when a then 1 else 2 end", "WHEN takes true or false, not a number")]
    public void A_wrong_one_is_refused(string type, string expression, string reason)
    {
        var error = Assert.Throws<StreamingException>(() => GeneratedColumn.Model(Column(type, expression), Others));
        Assert.Equal(ErrorIds.InvalidMetadata, error.ErrorId);
        Assert.Contains($"metadata, t.x: the \"expression\" {expression} cannot be used: {reason}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_does_not_fit_names_row_and_column()
    {
        var error = Assert.Throws<StreamingException>(() => GeneratedColumn.Values(Column("SMALLINT", "a * 10000"), 1, others: Others));
        Assert.Contains("\"t\".\"x\" cannot be generated: row 1 of the batch: 70000 does not fit SMALLINT", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<StreamingException>(() => GeneratedColumn.Values(Column("INTEGER", "1 / (a - 7)"), 1, others: Others));
        Assert.Contains("it divides by zero; write nullif(x, 0) for NULL", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Chance_is_the_same_for_the_same_seed_and_even()
    {
        var column = Column("INTEGER", "random(1, 6)");
        var values = GeneratedColumn.Values<int>(column, 6000);
        Assert.Equal(values, GeneratedColumn.Values<int>(column, 6000));
        Assert.NotEqual(values, GeneratedColumn.Values<int>(column, 6000, seed: 2));
        Assert.All(values.GroupBy(value => value), group => Assert.InRange(group.Count(), 800, 1200));
        Assert.Equal([1, 2, 3, 4, 5, 6], values.Distinct().Order());
    }

    private static string Column(string type, string expression) =>
        $$"""{"type": "{{type}}", "expression": {{System.Text.Json.JsonSerializer.Serialize(expression)}}}""";

    private static object? Value(string type, string expression) => Assert.Single(GeneratedColumn.Values(Column(type, expression), 1, others: Others));
}
