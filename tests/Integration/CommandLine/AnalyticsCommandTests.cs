using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.CommandLine;

[Collection(SecondPostgres.Name)]
public sealed class AnalyticsCommandTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Each_analysis_is_a_table_or_json_lines()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var program = StreamingPgProgram.On(database.Settings());
        (await program.RunAsync("init")).Expect(0);
        (await program.RunAsync("batch")).Expect(0);
        (await program.RunAsync("batch")).Expect(0);

        var relations = (await program.RunAsync("relations", "--json")).Expect(0).Json();
        Assert.Equal([60, 200, 200], relations.Select(relation => relation.GetProperty("children").GetInt64()));
        Assert.Contains("transactions.user_id -> users.user_id", (await program.RunAsync("relations")).Expect(0).Output, StringComparison.Ordinal);

        var users = (await program.RunAsync("activity", "--top", "100", "--json")).Expect(0).Json();
        Assert.Equal((20, 60), (users.Count, users.Sum(user => user.GetProperty("transaction_count").GetInt64())));
        Assert.Contains("average", (await program.RunAsync("activity", "--sort-by", "AverageValue")).Expect(0).Output, StringComparison.Ordinal);

        var products = (await program.RunAsync("sales", "--top", "100000", "--json")).Expect(0).Json();
        Assert.Equal(
            await database.ScalarAsync<long>("SELECT sum(quantity) FROM streaming.detailed_transactions"),
            products.Sum(product => product.GetProperty("total_quantity").GetInt64()));
        Assert.Empty((await program.RunAsync("sales", "--until", "1970-01-01", "--json")).Expect(0).Json());

        foreach (var by in (string[])["Weekday", "Time", "Lateness"])
        {
            var events = (await program.RunAsync("events", "--table", "transactions", "--by", by, "--json")).Expect(0).Json();
            Assert.Equal(60, events.Sum(count => count.GetProperty("events").GetInt64()));
            Assert.Contains("events", (await program.RunAsync("events", "--by", by)).Expect(0).Output, StringComparison.Ordinal);
        }

        (await program.RunAsync("init", "--schema", "real")).Expect(0);
        (await program.RunAsync("batch", "--schema", "real", "--transactions", "100")).Expect(0); // ten rows of each status make it a category
        var likeness = (await program.RunAsync("likeness", "--against", "real", "--table", "transactions", "--json")).Expect(0).Json();
        Assert.Equal(["Categories", "Children", "Overall"], likeness.Select(column => column.GetProperty("measure").GetString()).Distinct().Order().Where(measure => measure is not ("Quantiles" or "Lengths")));
        Assert.All(likeness, column => Assert.InRange(column.GetProperty("likeness").GetDouble(), 0, 1));
        Assert.Matches("(?m)^ *\\(all\\) +average", (await program.RunAsync("likeness", "--against", "real.transactions")).Expect(0).Output);

        var ledger = (await program.RunAsync("ledger", "--json")).Expect(0).Json();
        Assert.Equal([140, 140], ledger.Select(batch => batch.GetProperty("total_rows").GetInt64()));
        var summary = (await program.RunAsync("ledger", "--summary", "--per", "Day", "--json")).Expect(0).Json();
        Assert.Equal(280, summary.Sum(day => day.GetProperty("rows").GetInt64()));
        Assert.Contains("p95", (await program.RunAsync("ledger", "--summary")).Expect(0).Output, StringComparison.Ordinal);
        Assert.Contains("committed", (await program.RunAsync("ledger", "--last", "1")).Expect(0).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ledger", "--per", "Day")]
    [InlineData("sales", "--since", "not a time")]
    [InlineData("relations", "--since", "2026-02-01", "--until", "2026-01-01")]
    [InlineData("activity", "--top", "0")]
    [InlineData("likeness")]
    [InlineData("likeness", "--against", "real", "--sample-size", "1")]
    [InlineData("metadata", "--scale", "0.1")]
    [InlineData("metadata", "--from-database", "--scale", "0")]
    public async Task What_cannot_be_asked_is_wrong_usage(params string[] arguments)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        (await StreamingPgProgram.On(database.Settings()).RunAsync(arguments)).Expect(2);
    }
}
