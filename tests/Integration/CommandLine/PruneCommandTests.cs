using System.Text.Json;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.CommandLine;

/// <summary><c>streamingpg prune</c> as a process.</summary>
[Collection(SecondPostgres.Name)]
public sealed class PruneCommandTests(PostgresFixture postgres)
{
    [Fact]
    public async Task It_counts_and_then_removes_what_it_counted()
    {
        await using var database = await CreateAsync();
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(100, 300, 500));
        var before = DateTime.UtcNow.AddDays(-15).ToString("O");

        var counted = await Program(database).RunAsync("prune", "--before", before, "--what-if", "--json");
        Assert.Equal((0, 100L), (counted.ExitCode, await database.CountAsync("users")));
        var removed = await Program(database).RunAsync("prune", "--before", before, "--json", "--max-pool-size", "1");

        Assert.Equal((0, ""), (removed.ExitCode, removed.Error));
        Assert.Equal(["detailed_transactions", "transactions", "users"], Lines(removed).Select(line => line.GetProperty("table").GetString()));
        Assert.Equal(
            Lines(counted).Select(line => (line.GetProperty("removed").GetInt64(), line.GetProperty("kept").GetInt64())),
            Lines(removed).Select(line => (line.GetProperty("removed").GetInt64(), line.GetProperty("kept").GetInt64())));
        Assert.InRange(await database.CountAsync("users"), 1, 99);
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task It_shows_a_table_and_refuses_to_guess()
    {
        await using var database = await CreateAsync();
        var shown = await Program(database).RunAsync("prune", "--older-than", "30.00:00:00");
        Assert.Contains("examined", shown.Output, StringComparison.Ordinal);

        var refused = await Program(database).RunAsync("prune");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("--older-than", refused.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await Program(database).RunAsync("prune", "--older-than", "1d", "--max-pool-size", "0")).ExitCode);
    }

    private static IEnumerable<JsonElement> Lines(CommandLineResult run) =>
        run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement);

    private static StreamingPgProgram Program(TestDatabase database) => StreamingPgProgram.On(database.Settings());

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        return database;
    }
}
