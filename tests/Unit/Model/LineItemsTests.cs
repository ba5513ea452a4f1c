using StreamingPg.Core.Metadata;
using StreamingPg.Tests.Unit.Generation;

namespace StreamingPg.Tests.Unit.Model;

/// <summary>What the names of line items suggest is what the default metadata says, and what metadata says goes before it.</summary>
public sealed class LineItemsTests
{
    private const string Sum = "\"sum_of\": {\"table\": \"detailed_transactions\", \"columns\": [\"quantity\", \"unit_price\"]";

    [Fact]
    public void Metadata_that_says_nothing_gives_the_rows_of_the_default_tables()
    {
        var silent = MetadataReader.Parse(Shop("", ""));

        Assert.True(silent.Table("transactions").Column("amount").SumOf?.IsInferred);
        Assert.True(silent.Table("detailed_transactions").Column("created_at").After?.IsInferred);
        var (expected, rows) = (GeneratedRows.Of(GeneratedRows.PlanOf(20, 50, 60)), GeneratedRows.Of(GeneratedRows.PlanOf(20, 50, 60, model: silent)));
        Assert.All(silent.Tables, table => Assert.Equal(expected.Table(table.Name), rows.Table(table.Name)));
    }

    [Fact]
    public void What_metadata_says_stays()
    {
        var model = MetadataReader.Parse(Shop(", \"generator\": \"finance.amount\"", ", \"generator\": \"time.past\""));

        Assert.Null(model.Table("transactions").Column("amount").SumOf);
        Assert.Null(model.Table("detailed_transactions").Column("created_at").After);
    }

    [Theory]
    [InlineData("}", "DECIMAL(10,2)")]
    [InlineData("}", "DECIMAL(10,0)")]
    [InlineData(", \"if_none\": \"zero\"}", "DECIMAL(10,2)")]
    public void A_row_without_children_gets_0(string end, string type) =>
        Assert.Equal(0m, Assert.Single(Amounts(end, type).Distinct()));

    [Theory]
    [InlineData("DECIMAL(10,2)")]
    [InlineData("DECIMAL(10,0)")]
    [InlineData("BIGINT")]
    public void Or_what_one_child_would_give(string type)
    {
        var amounts = Amounts(", \"if_none\": \"one_row\"}", type);

        Assert.All(amounts, amount => Assert.InRange(amount, 1, 100_000));
        Assert.True(amounts.Distinct().Count() > 10, "They differ.");
    }

    private static List<decimal> Amounts(string end, string type)
    {
        var model = MetadataReader.Parse(Shop(", " + Sum + end, "").Replace("DECIMAL(10,2)", type, StringComparison.Ordinal).Replace(
            "\"unit_price\": {\"type\": \"" + type, "\"unit_price\": {\"type\": \"DECIMAL(10,2)", StringComparison.Ordinal));
        return [.. GeneratedRows.Of(GeneratedRows.PlanOf(5, 50, 0, model: model)).Column<object>("transactions", "amount")
            .Select(amount => Convert.ToDecimal(amount, System.Globalization.CultureInfo.InvariantCulture))];
    }

    private static string Shop(string amount, string time) => $$$"""
        {"users": {"columns": {
            "user_id": {"type": "UUID", "primary_key": true},
            "name": {"type": "VARCHAR(255)"}, "email": {"type": "VARCHAR(255)"}, "age": {"type": "INTEGER"}, "city": {"type": "VARCHAR(255)"},
            "registration_date": {"type": "TIMESTAMP"} }},
         "transactions": {"columns": {
            "transaction_id": {"type": "UUID", "primary_key": true},
            "user_id": {"type": "UUID", "foreign_key": {"table": "users", "column": "user_id"}},
            "amount": {"type": "DECIMAL(10,2)"{{{amount}}}},
            "transaction_date": {"type": "TIMESTAMP"}, "status": {"type": "VARCHAR(50)"} }},
         "detailed_transactions": {"columns": {
            "id": {"type": "SERIAL", "primary_key": true, "auto_increment": true},
            "transaction_id": {"type": "UUID", "foreign_key": {"table": "transactions", "column": "transaction_id"}},
            "user_id": {"type": "UUID", "foreign_key": {"table": "users", "column": "user_id"}},
            "product_name": {"type": "VARCHAR(255)"}, "quantity": {"type": "INTEGER"}, "unit_price": {"type": "DECIMAL(10,2)"},
            "created_at": {"type": "TIMESTAMP"{{{time}}}} }} }
        """;
}
