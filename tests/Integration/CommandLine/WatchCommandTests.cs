using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.CommandLine;

[Collection(SecondPostgres.Name)]
public sealed class WatchCommandTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Where_no_terminal_is_it_writes_lines()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var program = StreamingPgProgram.On(database.Settings());
        (await program.RunAsync("init")).Expect(0);
        (await program.RunAsync("batch")).Expect(0);

        var rates = (await program.RunAsync("watch", "--interval", "10ms", "--count", "2", "--exact", "--json")).Expect(0).Json();
        Assert.Equal([10, 30, 100, 10, 30, 100], rates.Select(rate => rate.GetProperty("rows").GetInt64()));
        var lines = (await program.RunAsync("watch", "--interval", "10ms", "--count", "1", "--exact")).Expect(0).Output;
        Assert.Contains("detailed_transactions: 100 rows, +0, 0 rows/s", lines, StringComparison.Ordinal);
        Assert.DoesNotContain("\e", lines, StringComparison.Ordinal);
        (await program.RunAsync("watch", "--interval", "0s")).Expect(2);
    }
}
