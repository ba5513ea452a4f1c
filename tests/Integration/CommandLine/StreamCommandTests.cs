using System.Diagnostics;
using System.Text.Json;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.CommandLine;

/// <summary><c>streamingpg stream</c> as a process, as systemd would run it.</summary>
[Collection(SecondPostgres.Name)]
public sealed class StreamCommandTests(PostgresFixture postgres)
{
    [Fact]
    public async Task It_ends_at_its_limit_with_a_summary()
    {
        await using var database = await CreateAsync();
        var run = await Program(database).RunAsync("stream", "--batches-per-second", "20", "--max-batches", "5", "--json");

        Assert.Equal(0, run.ExitCode);
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(6, lines.Count);
        Assert.Equal(("MaxBatches", 5), (lines[^1].GetProperty("stop_reason").GetString(), lines[^1].GetProperty("batches").GetInt32()));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("HUP")]
    public async Task A_signal_ends_it_in_good_order_within_five_seconds(string signal)
    {
        await using var database = await CreateAsync();
        using var process = Program(database).Start("stream", "--batches-per-second", "50", "--json");
        for (var batch = 0; batch < 5; batch++)
        {
            Assert.NotNull(await process.StandardOutput.NextLineAsync());
        }

        var clock = Stopwatch.StartNew();
        await process.SignalAsync(signal);
        var rest = (await process.StandardOutput.RestAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.EndAsync();

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal(0, process.ExitCode);
        Assert.Equal("Stopped", JsonDocument.Parse(rest[^1]).RootElement.GetProperty("stop_reason").GetString());
        Assert.Equal(5L + rest.Length - 1, await database.ScalarAsync<long>("SELECT count(*) FROM streaming.batch_ledger WHERE kind = 'batch'"));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task Several_writers_do_not_disturb_each_other()
    {
        await using var database = await CreateAsync();
        var runs = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Program(database).RunAsync(
            "stream", "--batches-per-second", "100", "--max-batches", "40", "--catch-up", "All", "--max-retry", "0")));

        Assert.All(runs, run => Assert.Equal(0, run.ExitCode));
        Assert.Equal(120L, await database.ScalarAsync<long>("SELECT count(DISTINCT batch_number) FROM streaming.batch_ledger WHERE kind = 'batch'"));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    private static StreamingPgProgram Program(TestDatabase database) => StreamingPgProgram.On(database.Settings());

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        return database;
    }
}
