using System.Text.RegularExpressions;
using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>A CHECK says which values a column may have; which ones it has is still for its generator to say.</summary>
public sealed class CheckBoundsTests
{
    private const int Rows = 400;
    private const string Product = """ "product_name": {"type": "VARCHAR(80)"} """;
    private const string Place = """ "city": {"type": "TEXT"}, "country": {"type": "TEXT"} """;
    private const string Person = """ "full_name": {"type": "TEXT"} """;

    [Theory]
    [InlineData("quantity", "INTEGER", "quantity > 0", "")]
    [InlineData("quantity", "INTEGER", "quantity BETWEEN 1 AND 1000000", "")]
    [InlineData("quantity", "BIGINT", "quantity < 10000", "")]
    [InlineData("stock", "INTEGER", "stock >= -5", "")]
    [InlineData("age", "INTEGER", "age BETWEEN 0 AND 150", "")]
    [InlineData("age", "INTEGER", "age <> 0", """ "birth_date": {"type": "DATE"} """)]
    [InlineData("age", "INTEGER", "age >= 0", """ "birth_date": {"type": "DATE", "min": "1970-01-01", "max": "1980-01-01"} """)]
    [InlineData("birth_date", "DATE", "birth_date > '1900-01-01'", "")]
    [InlineData("birth_date", "DATE", "birth_date >= '1900-01-01'", """ "age": {"type": "INTEGER", "min": 30, "max": 40} """)]
    [InlineData("rating", "NUMERIC(3,1)", "rating BETWEEN 0 AND 10", "")]
    [InlineData("amount", "NUMERIC(12,2)", "amount > 0", "")]
    [InlineData("amount", "NUMERIC(12,2)", "amount <> 0", "")]
    [InlineData("price", "NUMERIC(10,2)", "price > 0", "")]
    [InlineData("unit_price", "NUMERIC(10,2)", "unit_price > 0 AND unit_price < 100000", Product)]
    [InlineData("unit_price", "DOUBLE PRECISION", "unit_price >= 0", Product)]
    [InlineData("latitude", "NUMERIC(9,6)", "latitude BETWEEN -90 AND 90", Place)]
    [InlineData("longitude", "DOUBLE PRECISION", "longitude >= -180 AND longitude <= 180", Place)]
    [InlineData("release_year", "INTEGER", "release_year BETWEEN 1900 AND 2100", "")]
    [InlineData("created_at", "TIMESTAMP", "created_at > '2000-01-01'", "")]
    [InlineData("updated_at", "TIMESTAMPTZ", "updated_at >= '2000-01-01'", """ "created_at": {"type": "TIMESTAMPTZ"} """)]
    [InlineData("expires_at", "TIMESTAMP", "expires_at > '2000-01-01'", "")]
    [InlineData("full_name", "TEXT", "length(full_name) BETWEEN 2 AND 200", "")]
    [InlineData("email", "VARCHAR(120)", "length(email) >= 6", Person)]
    [InlineData("email", "VARCHAR(120)", "email LIKE '%@%'", Person)]
    [InlineData("country_code", "TEXT", "country_code ~ '^[A-Z]{2}$'", Place)]
    [InlineData("phone", "TEXT", "char_length(phone) > 3", Place)]
    [InlineData("status", "VARCHAR(20)", "status IN ('completed', 'pending', 'refunded', 'cancelled', 'failed')", "")]
    [InlineData("gender", "TEXT", "gender IN ('female', 'male', 'other')", Person)]
    public void What_the_generator_satisfies_leaves_it_as_it_is(string name, string type, string check, string others)
    {
        Assert.Equal(Values(name, type, "", others), Values(name, type, check, others));
        if (name == "email")
        {
            Assert.Equal(Values(name, type, "", others, isUnique: true), Values(name, type, check, others, isUnique: true));
        }
    }

    [Theory]
    [InlineData("age", "INTEGER", "age >= 21", 21, 90)]
    [InlineData("age", "INTEGER", "age BETWEEN 0 AND 65", 18, 65)]
    [InlineData("age", "INTEGER", "age < 12", 0, 11)]
    [InlineData("quantity", "INTEGER", "quantity > 2", 3, 5)]
    [InlineData("quantity", "INTEGER", "quantity >= 100", 100, 1100)]
    [InlineData("rating", "INTEGER", "rating BETWEEN 0 AND 4", 1, 4)]
    [InlineData("release_year", "INTEGER", "release_year >= 2020", 2020, 2026)]
    [InlineData("number_of_things", "INTEGER", "number_of_things > 0", 1, 1000)]
    public void What_it_does_not_satisfy_narrows_it(string name, string type, string check, int least, int most)
    {
        var values = Values(name, type, check, "").Cast<int>().ToList();

        Assert.All(values, value => Assert.InRange(value, least, most));
        Assert.InRange(values.Distinct().Count(), Math.Min(2, most - least), Rows);
    }

    [Fact]
    public void Prices_that_a_check_forbids_are_still_one_for_each_product()
    {
        var rows = Model("unit_price", "NUMERIC(10,2)", "unit_price > 0 AND unit_price <= 50", Product);
        var priced = rows.Column<string>("t", "product_name").Zip(rows.Column<decimal>("t", "unit_price")).ToList();

        Assert.All(priced, row => Assert.InRange(row.Second, 0.01m, 50));
        Assert.All(priced.GroupBy(row => row.First), product => Assert.Single(product.Select(row => row.Second).Distinct()));
        Assert.InRange(priced.Select(row => row.Second).Distinct().Count(), 20, Rows);
    }

    [Theory]
    [InlineData("full_name", "TEXT", "length(full_name) >= 15", "^.{15,}$", 30)]
    [InlineData("gender", "TEXT", "gender IN ('female', 'male')", "^(fe)?male$", 350)]
    [InlineData("status", "TEXT", "status IN ('completed', 'failed')", "^(completed|failed)$", 280)]
    [InlineData("email", "TEXT", "email ~ '^[a-z]+[@][a-z.]+$'", "^[a-z]+@[a-z.]+$", 1)]
    [InlineData("email", "TEXT", "length(email) >= 30", "^.{30,}$", 30)]
    public void Texts_that_a_check_forbids_are_replaced_and_no_others(string name, string type, string check, string regex, int named)
    {
        var isUnique = name == "email";
        var (texts, free) = (Values(name, type, check, "", isUnique).Cast<string>().ToList(), Values(name, type, "", "", isUnique).Cast<string>().ToList());

        Assert.All(texts, text => Assert.Matches(new Regex(regex, RegexOptions.None, TimeSpan.FromSeconds(1)), text));
        Assert.True(!isUnique || texts.Distinct().Count() == Rows);
        Assert.InRange(texts.Zip(free).Count(pair => pair.First == pair.Second), named == 1 ? 0 : named, Rows - 1);
    }

    [Theory]
    [InlineData("length(full_name) >= 15", "person.full_name", "15 characters")]
    [InlineData("full_name IN ('Ada', 'Bob')", "values", "a CHECK lists 2 values")]
    [InlineData("full_name ~ '^[A-Z][a-z ]+$'", "person.full_name", "^[A-Z][a-z ]+$")]
    public void The_list_of_columns_says_what_a_check_replaces(string check, string generator, string reason)
    {
        var column = ColumnList.Of(MetadataReader.Parse(Text("full_name", "TEXT", check, "")), []).Single(column => column.Column == "full_name");

        Assert.Equal(generator, column.Generator);
        Assert.Contains(reason, column.Reason, StringComparison.Ordinal);
    }

    private static List<object?> Values(string name, string type, string check, string others, bool isUnique = false) =>
        [.. Model(name, type, check, others, isUnique).Column("t", name)];

    private static GeneratedRows Model(string name, string type, string check, string others, bool isUnique = false) =>
        GeneratedColumn.Rows(MetadataReader.Parse(Text(name, type, check, others, isUnique)), Rows);

    private static string Text(string name, string type, string check, string others, bool isUnique = false) =>
        $$$"""
        {"t": {"columns": {"id": {"type": "UUID", "primary_key": true},{{{others}}}{{{(others.Length > 0 ? "," : "")}}}
                           "{{{name}}}": {"type": "{{{type}}}", "unique": {{{(isUnique ? "true" : "false")}}}} },
               "checks": [{{{(check.Length > 0 ? $"\"{check}\"" : "")}}}]} }
        """;
}
