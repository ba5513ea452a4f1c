using System.Diagnostics;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Server;
using StreamingPg.Core.Sql;
using StreamingPg.Core.Streaming;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>A primary that dies, and a standby that takes its place.</summary>
public sealed class FailoverTests
{
    [Fact]
    public async Task A_stream_goes_on_with_the_promoted_standby()
    {
        await using var server = new ThrowAwayServer();
        await server.StartAsPrimaryAsync();
        var primary = server.Server.GetConnectionSettings()!;
        await using (var first = new DatabaseConnection(primary, SettingsResolver.DefaultSchema, ConnectionSource.PrivateServer))
        {
            await SchemaInitializer.InitializeAsync(first, MetadataReader.Default, planOnly: false, CancellationToken.None);
        }

        await using var standby = await StandbyServer.StartAsync(primary);

        // Only what the standby has is acknowledged: nothing that was reported may be lost.
        await ExecuteAsync(primary, "ALTER SYSTEM SET synchronous_standby_names = '*'");
        await ExecuteAsync(primary, "SELECT pg_reload_conf()");

        var settings = new Npgsql.NpgsqlConnectionStringBuilder(primary.ConnectionString)
        {
            Host = $"127.0.0.1:{primary.Port},127.0.0.1:{standby.Port}",
        };
        await using var connection = new DatabaseConnection(settings, SettingsResolver.DefaultSchema, ConnectionSource.Parameter);
        var options = new StreamOptions { Batch = BatchHelper.Small with { MaxRetry = 100 }, BatchesPerSecond = 20, MaxBatches = 60 };
        var events = new EventList();
        var runner = new StreamRunner(connection, MetadataReader.Default, options, events, progress: null);
        var reported = new List<BatchResult>();
        var promotion = Task.FromResult(0L);
        var back = 0L;
        await foreach (var result in runner.RunAsync(CancellationToken.None))
        {
            reported.Add(result);
            back = reported.Count == 31 ? Stopwatch.GetTimestamp() : back;
            if (reported.Count == 30)
            {
                using var postmaster = Process.GetProcessById(server.Server.GetStatus().ProcessId!.Value);
                postmaster.Kill();
                await postmaster.EndAsync();

                // For a while there is the standby only, which takes no writes yet.
                promotion = Task.Run(async () =>
                {
                    await Task.Delay(TimeSpan.FromSeconds(8));
                    await standby.PromoteAsync();
                    return Stopwatch.GetTimestamp();
                });
            }
        }

        var promoted = await promotion;
        Assert.Equal(60, reported.Select(batch => batch.BatchId).Distinct().Count());
        Assert.NotEmpty(events.Retries);

        // It does not sleep through the pause between two attempts, of which the last would end five seconds later.
        Assert.True(Stopwatch.GetElapsedTime(promoted, back) < TimeSpan.FromSeconds(4), $"{Stopwatch.GetElapsedTime(promoted, back)}");
        var only = new Npgsql.NpgsqlConnectionStringBuilder(primary.ConnectionString) { Host = "127.0.0.1", Port = standby.Port };
        await using var primaryNow = new DatabaseConnection(only, SettingsResolver.DefaultSchema, ConnectionSource.Parameter);
        var ids = new HashSet<Guid>();
        await using (var open = await primaryNow.OpenAsync(CancellationToken.None))
        {
            await using var command = new Npgsql.NpgsqlCommand("SELECT batch_id FROM streaming.batch_ledger WHERE kind = 'batch'", open);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                ids.Add(reader.GetGuid(0));
            }
        }

        Assert.Equal(reported.Select(batch => batch.BatchId).ToHashSet(), ids);
        await BatchHelper.AssertSoundAsync(primaryNow);
    }

    [Fact]
    public async Task What_a_synchronous_standby_may_not_have_is_not_reported()
    {
        await using var server = new ThrowAwayServer();
        await server.Server.StartAsync(CancellationToken.None);
        await using (var first = new DatabaseConnection(server.Server.GetConnectionSettings()!, SettingsResolver.DefaultSchema, ConnectionSource.PrivateServer))
        {
            await SchemaInitializer.InitializeAsync(first, MetadataReader.Default, planOnly: false, CancellationToken.None);
        }

        // A reload would take effect a little later.
        await ExecuteAsync(server.Server.GetConnectionSettings()!, "ALTER SYSTEM SET synchronous_standby_names = 'absent'");
        await server.Server.StopAsync(CancellationToken.None);
        await server.Server.StartAsync(CancellationToken.None);
        var settings = server.Server.GetConnectionSettings()!;
        await using var connection = new DatabaseConnection(settings, SettingsResolver.DefaultSchema, ConnectionSource.PrivateServer);
        var batch = BatchHelper.Small with { BatchId = Guid.NewGuid(), MaxRetry = 1, StallTimeout = TimeSpan.FromSeconds(5) };

        // The first attempt hangs at its commit. The second ends that session, whose rows can be read from then on.
        var error = await Assert.ThrowsAsync<StreamingException>(() => BatchHelper.LoadAsync(connection, batch));

        Assert.Equal("CommitUnknown", error.ErrorId);
        await ExecuteAsync(settings, "ALTER SYSTEM RESET synchronous_standby_names");
        await ExecuteAsync(settings, "SELECT pg_reload_conf()");
        Assert.True((await BatchHelper.LoadAsync(connection, batch with { StallTimeout = TimeSpan.FromMinutes(1) })).AlreadyLoaded);
        await BatchHelper.AssertSoundAsync(connection);
    }

    private static async Task ExecuteAsync(Npgsql.NpgsqlConnectionStringBuilder settings, string sql)
    {
        await using var open = new Npgsql.NpgsqlConnection(settings.ConnectionString + ";Pooling=false");
        await open.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand(sql, open);
        await command.ExecuteNonQueryAsync();
    }
}
