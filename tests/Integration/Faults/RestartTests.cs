using StreamingPg.Core.Metadata;
using StreamingPg.Core.Streaming;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>Servers that go away and come back.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task An_idle_connection_survives_a_restart()
    {
        await using var server = await KillableServer.CreateAsync();
        await BatchHelper.LoadAsync(server.Connection, BatchHelper.Small);
        await server.StopAsync();
        await server.StartAsync();

        var result = await BatchHelper.LoadAsync(server.Connection, BatchHelper.Small);

        Assert.Equal(140, result.TotalRows);
        await BatchHelper.AssertSoundAsync(server.Connection);
    }

    [Fact]
    public async Task A_stream_goes_on_after_the_server_was_killed()
    {
        await using var server = await KillableServer.CreateAsync();
        var options = new StreamOptions
        {
            Batch = BatchHelper.Small with { MaxRetry = 30 },
            BatchesPerSecond = 20,
            MaxBatches = 60,
        };
        var runner = new StreamRunner(server.Connection, MetadataReader.Default, options, events: null, progress: null);
        var ids = new HashSet<Guid>();
        var kills = 0;
        await foreach (var result in runner.RunAsync(CancellationToken.None))
        {
            Assert.True(ids.Add(result.BatchId));
            if (ids.Count % 20 == 10)
            {
                kills++;
                await server.KillAsync();
            }
        }

        Assert.Equal((60, 3), (ids.Count, kills));
        Assert.InRange(runner.Summary.Retries, 1, 90);
        Assert.Equal(60L, await BatchHelper.ScalarAsync(server.Connection, "SELECT count(*) FROM streaming.batch_ledger WHERE kind = 'batch'"));
        await BatchHelper.AssertSoundAsync(server.Connection);
    }
}
