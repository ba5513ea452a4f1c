using StreamingPg.Core.Connections;
using StreamingPg.Core.Health;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Server;
using StreamingPg.Core.Sql;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Health;

/// <summary>Each check of the whole server is shown its fault, on a server of its own.</summary>
public sealed class ServerHealthTests
{
    [Fact]
    public async Task Connections_near_the_limit_are_found()
    {
        await using var server = new ThrowAwayServer();
        var small = new PrivateServer(server.ServerPath, new PrivateServerOptions
        {
            Settings = new Dictionary<string, string> { ["fsync"] = "off", ["max_connections"] = "13", ["superuser_reserved_connections"] = "3", ["autovacuum"] = "off" },
        });
        await small.StartAsync(CancellationToken.None);
        await using var connection = await ConnectAsync(small);
        var held = new List<Npgsql.NpgsqlConnection>();
        Assert.Equal(HealthStatus.Ok, (await FindAsync(connection, HealthCheck.Connections)).Status);
        while (held.Count < 8)
        {
            held.Add(await connection.OpenAsync(CancellationToken.None));
        }

        var nearly = await FindAsync(connection, HealthCheck.Connections);

        Assert.Equal((HealthStatus.Warning, 0.9), (nearly.Status, nearly.Value!.Value));
        held.ForEach(open => open.Dispose());
    }

    [Fact]
    public async Task Standbys_and_slots_that_hold_wal_are_found()
    {
        await using var server = new ThrowAwayServer();
        await server.StartAsPrimaryAsync();
        await using var connection = await ConnectAsync(server.Server);
        var settings = server.Server.GetConnectionSettings()!;
        await using var standby = await StandbyServer.StartAsync(settings, "behind");
        settings.Host = "127.0.0.1";
        settings.Port = standby.Port;
        await using var copy = new DatabaseConnection(settings, "streaming", ConnectionSource.Parameter);
        await ExecuteAsync(connection, "SELECT pg_create_physical_replication_slot('leftover', true)");
        Assert.Equal(HealthStatus.Ok, (await FindAsync(connection, HealthCheck.ReplicationSlot)).Status);
        await WaitAsync(async () => (await FindAsync(connection, HealthCheck.ReplicationLag)) is { Status: HealthStatus.Ok, Object: "behind", Value: 0 });

        await ExecuteAsync(copy, "SELECT pg_wal_replay_pause()");
        await ExecuteAsync(connection, "CREATE TABLE filler AS SELECT repeat(md5(n::text), 100) AS text FROM generate_series(1, 20000) AS n");
        var options = new HealthOptions
        {
            Thresholds = HealthThresholds.Default.With(HealthCheck.ReplicationLag, 10_000, 100_000).With(HealthCheck.ReplicationSlot, 10_000, 1L << 40),
        };

        Assert.Equal(HealthStatus.Critical, (await FindAsync(connection, HealthCheck.ReplicationLag, options)).Status);
        var slot = await FindAsync(connection, HealthCheck.ReplicationSlot, options);
        Assert.Equal((HealthStatus.Warning, "leftover"), (slot.Status, slot.Object));
        Assert.Contains("SELECT pg_drop_replication_slot('leftover')", slot.Advice, StringComparison.Ordinal);
        await WaitAsync(async () => (await FindAsync(copy, HealthCheck.ReplicationLag, options)) is { Status: HealthStatus.Critical, Object: "this server" });
    }

    [Fact]
    public async Task A_disk_that_runs_full_is_found()
    {
        Mount.SkipWhereForbidden();
        var disk = Directory.CreateTempSubdirectory("streamingpg-disk-").FullName;
        await TestProcess.RunAsync("mount", "-t", "tmpfs", "-o", "size=400m,mode=0777", "tmpfs", disk);
        var server = new PrivateServer(Path.Combine(disk, "server"), new PrivateServerOptions { Settings = new Dictionary<string, string> { ["fsync"] = "off" } });
        try
        {
            await server.StartAsync(CancellationToken.None);
            await using var connection = await ConnectAsync(server);
            Assert.Equal(HealthStatus.Ok, (await FindAsync(connection, HealthCheck.FreeDisk)).Status);
            var free = new DriveInfo(disk).AvailableFreeSpace;
            await TestProcess.RunAsync("fallocate", "-l", $"{free - (10 << 20)}", Path.Combine(disk, "filler"));

            var full = await FindAsync(connection, HealthCheck.FreeDisk);

            Assert.Equal((HealthStatus.Critical, HealthUnit.Share), (full.Status, full.Unit));
            Assert.StartsWith(disk, full.Object, StringComparison.Ordinal);
            Assert.Contains("of 400 MB are free", full.Advice, StringComparison.Ordinal);
        }
        finally
        {
            await server.DestroyAsync(CancellationToken.None);
            await TestProcess.RunAsync("umount", "-l", disk);
            Directory.Delete(disk);
        }
    }

    private static async Task<DatabaseConnection> ConnectAsync(PrivateServer server)
    {
        var connection = new DatabaseConnection(server.GetConnectionSettings()!, "streaming", ConnectionSource.Parameter);
        await SchemaInitializer.InitializeAsync(connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        return connection;
    }

    private static async Task<HealthResult> FindAsync(DatabaseConnection connection, string check, HealthOptions? options = null)
    {
        var results = new List<HealthResult>();
        await foreach (var result in HealthChecker.CheckAsync(connection, MetadataReader.Default, options ?? new HealthOptions(), CancellationToken.None))
        {
            results.Add(result);
        }

        return Assert.Single(results, result => result.Check == check);
    }

    private static async Task ExecuteAsync(DatabaseConnection connection, string sql)
    {
        await using var command = connection.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task WaitAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!await holds())
        {
            await Task.Delay(100, patience.Token);
        }
    }
}
