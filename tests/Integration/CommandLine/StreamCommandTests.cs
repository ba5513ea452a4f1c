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

    [Fact]
    public async Task Events_happen_between_the_tick_before_and_the_tick_and_late_ones_are_counted()
    {
        await using var database = await CreateAsync();
        var program = Program(database);
        var run = await program.RunAsync("stream", "--batches-per-second", "20", "--max-batches", "20", "--catch-up", "All", "--json");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(600L, await database.ScalarAsync<long>("""
            SELECT count(*) FROM streaming.batch_ledger AS l JOIN streaming.transactions AS t
            ON t.transaction_date > l.reference_time - interval '50 ms' AND t.transaction_date <= l.reference_time WHERE l.kind = 'batch'
            """));

        // What a dashboard over the last moments counts is what the ledger says.
        Assert.True(await database.ScalarAsync<bool>("""
            SELECT bool_and((SELECT count(*) FROM streaming.transactions WHERE transaction_date > l.reference_time)
                = (SELECT COALESCE(sum((later.rows ->> 'transactions')::bigint), 0) FROM streaming.batch_ledger AS later WHERE later.reference_time > l.reference_time))
            FROM streaming.batch_ledger AS l WHERE l.kind = 'batch'
            """));

        run = await program.RunAsync("stream", "--batches-per-second", "20", "--max-batches", "20", "--late", "0.2", "--late-by", "1h..2h", "--json");
        var summary = JsonDocument.Parse(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;
        Assert.InRange(summary.GetProperty("late_rows").GetInt64(), 200, 900);

        // What belongs to a user who registered a moment ago is late by less: nothing comes before its parents.
        Assert.InRange(
            await database.ScalarAsync<long>("""
                SELECT count(*) FROM (SELECT registration_date AS time FROM streaming.users UNION ALL SELECT transaction_date FROM streaming.transactions
                    UNION ALL SELECT created_at FROM streaming.detailed_transactions) AS t, (SELECT min(reference_time) AS first FROM streaming.batch_ledger) AS l
                WHERE time BETWEEN first - interval '2 h 1 s' AND first - interval '55 min'
                """),
            100,
            summary.GetProperty("late_rows").GetInt64());
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

        await StreamingPgProgram.AssertInTimeAsync(clock.Elapsed, TimeSpan.FromSeconds(5), "The end");
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
