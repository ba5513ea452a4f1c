using System.Text.Json;

namespace StreamingPg.Tests.Integration.CommandLine;

public sealed class GenerateCommandTests
{
    private readonly StreamingPgProgram _program = new();

    [Fact]
    public async Task One_seed_gives_three_tables_that_refer_to_each_other()
    {
        var users = await RowsAsync("users");
        var transactions = await RowsAsync("transactions");
        var lines = await RowsAsync("detailed_transactions");

        Assert.Equal((4, 6, 9), (users.Count, transactions.Count, lines.Count));
        Assert.Subset(Keys(users, "user_id"), Keys(transactions, "user_id"));
        Assert.Subset(Keys(transactions, "transaction_id"), Keys(lines, "transaction_id"));
        Assert.All(lines.GroupBy(line => line.GetProperty("transaction_id").GetString()), group =>
            Assert.Equal(
                transactions.Single(row => row.GetProperty("transaction_id").GetString() == group.Key).GetProperty("amount").GetDecimal(),
                group.Sum(line => line.GetProperty("quantity").GetInt32() * line.GetProperty("unit_price").GetDecimal())));
    }

    [Fact]
    public async Task Rows_come_as_CSV_with_a_header()
    {
        var result = (await _program.RunAsync("generate", "--table", "users", "--users", "3", "--format", "csv")).Expect(0);
        var lines = result.Output.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("user_id,name,email,age,city,registration_date", lines[0]);
        Assert.Equal(4, lines.Length);
    }

    [Fact]
    public async Task An_unknown_locale_is_wrong_usage()
    {
        var result = (await _program.RunAsync("generate", "--locale", "klingon")).Expect(2);
        Assert.Contains("klingon", result.Error, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<JsonElement>> RowsAsync(string table) => (await _program.RunAsync(
        "generate", "--table", table, "--users", "4", "--transactions", "6", "--details", "9", "--seed", "7")).Expect(0).Json();

    private static HashSet<string?> Keys(IEnumerable<JsonElement> rows, string column) =>
        [.. rows.Select(row => row.GetProperty(column).GetString())];

    [Fact]
    public async Task A_count_is_that_of_the_table_and_its_parents_are_those_of_any_batch()
    {
        var rows = (await _program.RunAsync("generate", "--table", "transactions", "--count", "25", "--seed", "5")).Expect(0).Output;
        var same = (await _program.RunAsync("generate", "--table", "transactions", "--rows", "transactions=25", "--seed", "5")).Expect(0).Output;

        Assert.Equal(25, rows.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(same, rows);
    }
}
