using System.Text.Json;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Server;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Retention;

/// <summary>Streams that remove what grows old.</summary>
[Collection(SecondPostgres.Name)]
public sealed class StreamRetentionTests(PostgresFixture postgres)
{
    /// <summary>
    /// A batch per hour for 500 hours, with a retention of 35. In a process of its own, whose memory nobody else uses, and on a server of its
    /// own: a transaction of anybody's, in whichever database, keeps VACUUM from freeing index pages.
    /// </summary>
    [Fact]
    public async Task Five_hundred_batches_level_off_in_rows_bytes_and_memory()
    {
        await using var server = new ThrowAwayServer();
        await server.Server.StartAsync(CancellationToken.None);
        var settings = server.Server.GetConnectionSettings()!;

        var lines = await Net8Program.RunAsync(settings.ConnectionString, "stream");

        var numbers = lines.Skip(1).Select(line => line.Split(' ').Select(long.Parse).ToArray()).ToList();
        var samples = numbers.SkipLast(1).Select(of => (Rows: of[0], Bytes: of[1], Memory: of[2])).ToList();

        // From the hundredth hour on everything has reached its level; less than a tenth of all rows is left at the end.
        var (first, second) = (samples[2..6], samples[6..10]);
        Assert.InRange(second.Max(sample => sample.Rows), 1, 1.25 * first.Max(sample => sample.Rows));
        Assert.InRange(second.Max(sample => sample.Bytes), 1, 1.25 * first.Max(sample => sample.Bytes));
        Assert.InRange(second.Min(sample => sample.Memory), 1, first.Min(sample => sample.Memory) + 1_000_000);
        Assert.InRange(samples[9].Rows, 1000, 10_000);
        Assert.Equal([500, 70_000, 70_000 - samples[^1].Rows], numbers[^1]);
        await using var connection = new DatabaseConnection(settings, SettingsResolver.DefaultSchema, ConnectionSource.PrivateServer);
        await BatchHelper.AssertSoundAsync(connection);
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

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        return database;
    }
}
