using StreamingPg.Core.Generation;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>Text fits its column, numbers fit their precision, for metadata other than the default.</summary>
public sealed class ColumnFitTests
{
    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 40)]
    [InlineData(3, 40)]
    [InlineData(10, 40)]
    [InlineData(11, 26)]
    [InlineData(255, 255)]
    public void Text_fits_short_columns_and_emails_stay_unique(int shortLength, int emailLength)
    {
        foreach (var locale in new[] { "en", "de", "ja", "ru" })
        {
            var model = Users($$"""
                "name": {"type": "VARCHAR({{shortLength}})"}, "email": {"type": "VARCHAR({{emailLength}})"},
                "city": {"type": "VARCHAR({{shortLength}})"}, "status": {"type": "VARCHAR({{shortLength}})"},
                "remark": {"type": "VARCHAR({{shortLength}})"}
                """);
            var generated = GeneratedRows.Of(GeneratedRows.PlanOf(500, 0, 0, model: model) with { Locale = locale });

            foreach (var column in new[] { "name", "city", "status", "remark" })
            {
                Assert.All(generated.Column<string>("users", column), text => Assert.InRange(text.EnumerateRunes().Count(), 1, shortLength));
            }

            var emails = generated.Column<string>("users", "email").ToArray();
            Assert.All(emails, email => Assert.InRange(email.Length, 1, emailLength));
            Assert.Equal(500, emails.Distinct(StringComparer.Ordinal).Count());
        }
    }

    [Fact]
    public void An_email_column_too_short_for_unique_addresses_is_refused()
    {
        var model = Users("""
            "name": {"type": "VARCHAR(10)"}, "email": {"type": "VARCHAR(15)"}
            """);

        var error = Assert.Throws<StreamingException>(() => GeneratedRows.Of(GeneratedRows.PlanOf(5, 0, 0, model: model)));

        Assert.Equal(("ColumnTooShort", StreamingErrorKind.InvalidMetadata), (error.ErrorId, error.Kind));
        Assert.Contains("VARCHAR(", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void An_email_belongs_to_its_name_wherever_the_columns_stand()
    {
        var model = Users("""
            "email": {"type": "VARCHAR(255)"}, "name": {"type": "VARCHAR(255)"}
            """);

        var generated = GeneratedRows.Of(GeneratedRows.PlanOf(200, 0, 0, model: model));

        foreach (var (name, email) in generated.Column<string>("users", "name").Zip(generated.Column<string>("users", "email")))
        {
            var slugs = name.Split(' ').Select(part => string.Concat(part.Where(char.IsAsciiLetter)).ToLowerInvariant()).ToArray();
            Assert.Matches($@"^({slugs[0]}[._-]|{slugs[0][0]}){slugs[1]}\d*@", email);
        }
    }

    [Theory]
    [InlineData("DECIMAL(10,2)")]
    [InlineData("DECIMAL(2,2)")]
    [InlineData("DECIMAL(1)")]
    [InlineData("DECIMAL(5,5)")]
    [InlineData("DECIMAL(7,6)")]
    [InlineData("DECIMAL(38,20)")]
    [InlineData("DECIMAL")]
    public void Numbers_fit_their_precision(string type)
    {
        var model = Users($$"""
            "score": {"type": "{{type}}"}
            """);
        var column = model.Table("users").Column("score").Type;
        var generated = GeneratedRows.Of(GeneratedRows.PlanOf(1000, 0, 0, model: model));

        foreach (var value in generated.Column<decimal>("users", "score"))
        {
            Assert.True(value >= 0);
            if (column.Precision is { } precision)
            {
                var scale = column.Scale ?? 0;
                Assert.True((double)value < Math.Pow(10, precision - scale), $"{value} does not fit {type}.");
                Assert.Equal(decimal.Round(value, Math.Min(scale, 28)), value);
            }
        }
    }

    [Theory]
    [InlineData("DECIMAL(10,2)", "DECIMAL(10,2)")]
    [InlineData("DECIMAL(4,2)", "DECIMAL(10,2)")]
    [InlineData("DECIMAL(3,2)", "DECIMAL(6,2)")]
    public void Prices_fit_their_column_and_amounts_are_their_sums_wherever_the_columns_stand(string price, string amount)
    {
        var model = MetadataReader.Parse($$"""
            {"orders": {"columns": {"id": {"type": "UUID", "primary_key": true}, "amount": {"type": "{{amount}}"} } },
             "lines": {"columns": {"id": {"type": "UUID", "primary_key": true}, "unit_price": {"type": "{{price}}"}, "quantity": {"type": "INTEGER"},
                "product_name": {"type": "VARCHAR(20)"}, "order_id": {"type": "UUID", "foreign_key": {"table": "orders", "column": "id"} } } } }
            """);
        var priceType = model.Table("lines").Column("unit_price").Type;
        for (var seed = 0; seed < 50; seed++)
        {
            var plan = GeneratedRows.PlanOf(0, 0, 0, seed, model: model) with { Rows = new Dictionary<string, long> { ["orders"] = 20, ["lines"] = 45 } };
            var generated = GeneratedRows.Of(plan);

            var lines = generated.Table("lines").ToLookup(line => (Guid)line[4]!);
            Assert.All(generated.Column<decimal>("lines", "unit_price"), value =>
                Assert.InRange(value, 0.01m, (decimal)Math.Pow(10, (double)(priceType.Precision! - priceType.Scale!)) - 0.01m));
            foreach (var order in generated.Table("orders"))
            {
                Assert.Equal(lines[(Guid)order[0]!].Sum(line => (int)line[2]! * (decimal)line[1]!), order[1]);
            }
        }
    }

    [Theory]
    [InlineData(1, 100_000)]
    [InlineData(10, 1_000_000)]
    public void Amounts_that_could_exceed_their_column_are_refused_before_a_row_is_made(long transactions, long details)
    {
        var error = Assert.Throws<StreamingException>(() => new BatchGenerator(GeneratedRows.PlanOf(1, transactions, details), 0));

        Assert.Equal(("AmountTooLarge", StreamingErrorKind.InvalidInput, "transactions"), (error.ErrorId, error.Kind, error.Target));
    }

    [Fact]
    public void An_amount_column_too_narrow_for_a_single_line_is_refused_with_and_without_lines()
    {
        var model = MetadataReader.Parse("""
            {"users": {"columns": {"user_id": {"type": "UUID", "primary_key": true}}},
             "transactions": {"columns": {"id": {"type": "UUID", "primary_key": true}, "amount": {"type": "DECIMAL(5,2)"}}},
             "detailed_transactions": {"columns": {"id": {"type": "SERIAL", "primary_key": true}, "product_name": {"type": "VARCHAR(20)"},
                "quantity": {"type": "INTEGER"}, "unit_price": {"type": "DECIMAL(10,2)"},
                "transaction_id": {"type": "UUID", "foreign_key": {"table": "transactions", "column": "id"}}}}}
            """);
        foreach (var details in new[] { 0, 5 })
        {
            var error = Assert.Throws<StreamingException>(() => new BatchGenerator(GeneratedRows.PlanOf(0, 5, details, model: model), 0));
            Assert.Equal("AmountTooLarge", error.ErrorId);
        }
    }

    [Theory]
    [InlineData(0, 1, 0, "transactions")]
    [InlineData(1, 0, 1, "detailed_transactions")]
    public void Rows_without_a_parent_to_refer_to_are_refused(long users, long transactions, long details, string table)
    {
        var error = Assert.Throws<StreamingException>(() => new BatchGenerator(GeneratedRows.PlanOf(users, transactions, details), 0));

        Assert.Equal(("NoParents", table), (error.ErrorId, error.Target));
    }

    private static StreamModel Users(string columns) =>
        MetadataReader.Parse($$$"""{"users": {"columns": {"user_id": {"type": "UUID", "primary_key": true}, {{{columns}}} } } }""");
}
