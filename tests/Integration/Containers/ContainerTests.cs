using StreamingPg.Core.Metadata;
using StreamingPg.Core.Streaming;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Containers;

/// <summary>The main jobs by the command line on PostgreSQL in a container: another locale, over TCP, restarted as Docker does.</summary>
[Trait("Needs", "Containers")]
public sealed class ContainerTests(ContainerServer server) : IClassFixture<ContainerServer>
{
    [Fact]
    public async Task Init_makes_the_tables_and_says_nothing_is_to_do_the_second_time()
    {
        await using var database = await server.CreateDatabaseAsync();
        var program = StreamingPgProgram.On(database.Settings());

        (await program.RunAsync("init")).Expect(0);
        (await program.RunAsync("init")).Expect(0);

        Assert.Equal(0, await database.CountAsync("detailed_transactions"));
        (await program.RunAsync("test")).Expect(0);
    }

    [Theory]
    [InlineData(10, 30, 100, 1)]
    [InlineData(2_000, 8_000, 90_000, 11)] // ten chunks, and the batch itself
    public async Task A_batch_is_loaded_whole_and_sound(int users, int transactions, int details, int ledgerRows)
    {
        await using var database = await CreateTablesAsync();

        (await StreamingPgProgram.On(database.Settings()).RunAsync(
            "batch", "--users", $"{users}", "--transactions", $"{transactions}", "--details", $"{details}", "--chunk-size", "10000")).Expect(0);

        Assert.Equal((users, transactions, details), await CountAsync(database));
        Assert.Equal(ledgerRows, await database.CountAsync("batch_ledger"));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task Generated_rows_are_imported()
    {
        await using var database = await CreateTablesAsync();
        var program = StreamingPgProgram.On(database.Settings());
        foreach (var table in new[] { "users", "transactions", "detailed_transactions" })
        {
            var rows = (await new StreamingPgProgram().RunAsync(
                "generate", "--table", table, "--users", "50", "--transactions", "90", "--details", "200", "--seed", "7", "--format", "csv")).Expect(0);
            (await program.RunWithInputAsync(rows.Output, "import", "--table", table, "--format", "csv")).Expect(0);
        }

        Assert.Equal((50, 90, 200), await CountAsync(database));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task An_orphan_is_found()
    {
        await using var database = await CreateTablesAsync();
        var program = StreamingPgProgram.On(database.Settings());
        (await program.RunAsync("batch")).Expect(0);
        (await program.RunAsync("check")).Expect(0);

        await database.ExecuteAsync("ALTER TABLE streaming.transactions DISABLE TRIGGER ALL");
        await database.ExecuteAsync("UPDATE streaming.transactions SET user_id = gen_random_uuid() WHERE user_id = (SELECT min(user_id::text)::uuid FROM streaming.transactions)");

        (await program.RunAsync("check")).Expect(3);
    }

    [Fact]
    public async Task A_stream_goes_on_after_the_container_was_restarted_in_its_middle()
    {
        await using var database = await CreateTablesAsync();
        var options = new StreamOptions { Batch = BatchHelper.Small with { MaxRetry = 100 }, BatchesPerSecond = 20, MaxBatches = 40 };
        var events = new EventList();
        var runner = new StreamRunner(database.Connection, MetadataReader.Default, options, events, progress: null);
        var ids = new HashSet<Guid>();
        var restart = Task.CompletedTask;
        await foreach (var result in runner.RunAsync(CancellationToken.None))
        {
            Assert.True(ids.Add(result.BatchId));
            if (ids.Count == 20)
            {
                restart = RestartAsync();
            }
        }

        await restart;
        Assert.Equal(40, ids.Count);
        Assert.NotEmpty(events.Retries);
        Assert.Equal(40L, await database.ScalarAsync<long>($"SELECT count(*) FROM {database.Connection.Quote("batch_ledger")} WHERE kind = 'batch'"));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    private static async Task<(long Users, long Transactions, long Details)> CountAsync(TestDatabase database) => (
        await database.CountAsync("users"), await database.CountAsync("transactions"), await database.CountAsync("detailed_transactions"));

    private async Task<TestDatabase> CreateTablesAsync()
    {
        var database = await server.CreateDatabaseAsync();
        (await StreamingPgProgram.On(database.Settings()).RunAsync("init")).Expect(0);
        return database;
    }

    private async Task RestartAsync()
    {
        await server.Container.StopAsync();
        await server.Container.StartAsync();

        // Connections that were idle have died with it.
        Npgsql.NpgsqlConnection.ClearAllPools();
    }
}
