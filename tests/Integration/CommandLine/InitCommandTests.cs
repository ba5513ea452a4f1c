using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.CommandLine;

[Collection(SecondPostgres.Name)]
public sealed class InitCommandTests(PostgresFixture postgres)
{
    private const string Tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'streaming'";

    [Fact]
    public async Task What_if_shows_the_SQL_and_changes_nothing()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var result = (await StreamingPgProgram.On(database.Settings()).RunAsync("init", "--what-if")).Expect(0);

        Assert.Contains("CREATE TABLE \"streaming\".\"users\"", result.Output, StringComparison.Ordinal);
        Assert.Equal(0, await database.ScalarAsync<long>(Tables));
    }

    [Fact]
    public async Task A_second_run_changes_nothing()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var program = StreamingPgProgram.On(database.Settings());
        (await program.RunAsync("init")).Expect(0);
        var again = (await program.RunAsync("init", "--json")).Expect(0).Json();

        Assert.NotEmpty(again);
        Assert.All(again, change => Assert.Equal("Unchanged", change.GetProperty("action").GetString()));
    }

    [Fact]
    public async Task A_table_that_does_not_fit_is_a_failure()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var program = StreamingPgProgram.On(database.Settings());
        (await program.RunAsync("init")).Expect(0);
        await database.ExecuteAsync("ALTER TABLE streaming.users ALTER COLUMN age TYPE text");

        var result = (await program.RunAsync("init")).Expect(1);
        Assert.Contains("age", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metadata_of_the_user_makes_the_tables_it_describes()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var metadata = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(metadata, """{"shops": {"columns": {"shop_id": {"type": "UUID", "primary_key": true}}}}""");
            (await StreamingPgProgram.On(database.Settings()).RunAsync("init", "--metadata", metadata)).Expect(0);
        }
        finally
        {
            File.Delete(metadata);
        }

        Assert.Equal(0, await database.CountAsync("shops"));
    }
}
