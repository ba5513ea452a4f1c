using System.Text.Json;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Streaming;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Unit.Streaming;

namespace StreamingPg.Tests.Integration.Retention;

/// <summary>Streams that remove what grows old.</summary>
[Collection(LonePostgres.Name)]
public sealed class StreamRetentionTests(PostgresFixture postgres)
{
    /// <summary>A stream of a batch per day, on a clock that leaps from tick to tick: 500 days with a retention of 35.</summary>
    [Fact]
    public async Task Five_hundred_batches_level_off_in_rows_bytes_and_memory()
    {
        await using var database = await CreateAsync();
        var time = new ManualTime();
        var options = new StreamOptions
        {
            Batch = BatchHelper.Small,
            Interval = TimeSpan.FromDays(1),
            MaxBatches = 500,
            Retention = TimeSpan.FromDays(35),
        };
        var runner = new StreamRunner(
            options,
            time,
            events: null,
            progress: null,
            "a test",
            run => BatchRunner.RunAsync(
                database.Connection,
                MetadataReader.Default,
                options.Batch with { ReferenceTime = time.GetUtcNow().UtcDateTime },
                progress: null,
                run.Events,
                run.StopRetrying,
                run.Cancel),
            StreamRetention.Of(database.Connection, MetadataReader.Default, options, time));
        var samples = new List<(long Rows, long Bytes, long Memory)>();
        await foreach (var result in runner.RunAsync(CancellationToken.None))
        {
            // What autovacuum does within a minute; here a minute has a thousand days.
            if (result.BatchNumber % 10 == 0)
            {
                await database.ExecuteAsync("VACUUM");
            }

            if (result.BatchNumber % 50 == 0)
            {
                samples.Add(await SampleAsync(database));
            }
        }

        // From the hundredth day on everything has reached its level; a twentieth of all rows is left at the end.
        var (first, second) = (samples[2..6], samples[6..10]);
        Assert.InRange(second.Max(sample => sample.Rows), 1, 1.25 * first.Max(sample => sample.Rows));
        Assert.InRange(second.Max(sample => sample.Bytes), 1, 1.25 * first.Max(sample => sample.Bytes));
        Assert.InRange(second.Min(sample => sample.Memory), 1, first.Min(sample => sample.Memory) + 2_000_000);
        Assert.InRange(samples[^1].Rows, 1000, 10_000);
        Assert.Equal((500L, 70_000L), (runner.Summary.Batches, runner.Summary.Rows));
        Assert.Equal(70_000 - (await SampleAsync(database)).Rows, runner.Summary.RowsRemoved);
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task The_command_line_streams_with_a_retention()
    {
        await using var database = await CreateAsync();
        var run = await StreamingPgProgram.On(database.Settings()).RunAsync(
            "stream", "--batches-per-second", "20", "--max-batches", "40", "--retention", "1s", "--force", "--json");

        Assert.Equal(0, run.ExitCode);
        var summary = JsonDocument.Parse(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;
        var left = 0L;
        foreach (var table in MetadataReader.Default.Tables)
        {
            left += await database.CountAsync(table.Name);
        }

        Assert.Equal(40 * 140, left + summary.GetProperty("rows_removed").GetInt64());
        Assert.InRange(left, 0, 39 * 140);
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task Writers_with_and_without_a_retention_get_on()
    {
        await using var database = await CreateAsync();
        var runs = await Task.WhenAll(Enumerable.Range(0, 3).Select(writer => StreamingPgProgram.On(database.Settings()).RunAsync([
            "stream", "--batches-per-second", "40", "--max-batches", "80", "--catch-up", "All", "--existing-ratio", "0.9",
            .. writer == 0 ? (string[])[] : ["--retention", "2s", "--force"]])));

        Assert.All(runs, run => Assert.Equal((0, ""), (run.ExitCode, run.ExitCode == 0 ? "" : run.Error)));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    private static async Task<(long Rows, long Bytes, long Memory)> SampleAsync(TestDatabase database)
    {
        var (rows, bytes) = (0L, 0L);
        foreach (var table in MetadataReader.Default.Tables)
        {
            rows += await database.CountAsync(table.Name);
            bytes += await database.ScalarAsync<long>($"SELECT pg_total_relation_size('streaming.{table.Name}')");
        }

        return (rows, bytes, GC.GetTotalMemory(forceFullCollection: true));
    }

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        return database;
    }
}
