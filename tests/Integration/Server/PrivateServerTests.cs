using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StreamingPg.Core.Server;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Server;

public sealed class PrivateServerTests
{
    [Fact]
    public async Task Sessions_that_start_it_at_the_same_time_share_one_server_that_later_sessions_find_until_it_is_stopped()
    {
        await using var own = new ThrowAwayServer();
        Assert.Equal(ServerState.NotCreated, own.Server.GetStatus().State);
        Assert.Null(own.Server.GetConnectionSettings());
        Assert.Equal(ServerState.NotCreated, (await own.Server.StopAsync(CancellationToken.None)).State);

        var started = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => own.NewSession().StartAsync(CancellationToken.None)));
        Assert.All(started, status => Assert.Equal(started[0], status));
        Assert.Equal(ServerState.Running, started[0].State);
        Assert.Equal(started[0], own.NewSession().GetStatus());
        Assert.Equal(started[0], await own.NewSession().StartAsync(CancellationToken.None));
        Assert.Equal("streaming_db", await own.ScalarAsync<string>("SELECT current_database()::text"));
        Assert.Equal("UTF8", await own.ScalarAsync<string>("SHOW server_encoding"));
        Assert.True(await own.ScalarAsync<bool>(
            "SELECT setting = CASE WHEN enumvals IS NULL THEN 'on' WHEN 'lz4' = ANY (enumvals) THEN 'lz4' ELSE 'pglz' END FROM pg_settings WHERE name = 'wal_compression'"));
        Assert.Equal("kept", await own.ScalarAsync<string>("CREATE TABLE kept AS SELECT 'kept' AS value; SELECT value FROM kept"));

        Assert.Equal(ServerState.Stopped, (await own.NewSession().StopAsync(CancellationToken.None)).State);
        await GoneAsync(started[0].ProcessId!.Value);
        Assert.Null(own.NewSession().GetConnectionSettings());

        var again = await own.NewSession().StartAsync(CancellationToken.None);
        Assert.Equal(started[0].Port, again.Port);
        Assert.Equal("kept", await own.ScalarAsync<string>("SELECT value FROM kept"));
    }

    [Fact]
    public async Task A_killed_server_is_seen_as_stopped_and_starts_again_with_its_data()
    {
        await using var own = new ThrowAwayServer();
        var before = await own.Server.StartAsync(CancellationToken.None);
        await own.ScalarAsync<int>("CREATE TABLE kept AS SELECT 7 AS value; SELECT value FROM kept");
        using (var process = Process.GetProcessById(before.ProcessId!.Value))
        {
            process.Kill();
            await process.EndAsync();
        }

        Assert.True(File.Exists(Path.Combine(own.ServerPath, "data", "postmaster.pid")));
        Assert.Equal(ServerState.Stopped, own.Server.GetStatus().State);

        var after = await own.NewSession().StartAsync(CancellationToken.None);
        Assert.NotEqual(before.ProcessId, after.ProcessId);
        Assert.Equal(7, await own.ScalarAsync<int>("SELECT value FROM kept"));
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_gets_its_socket_among_the_temporary_files()
    {
        await using var own = new ThrowAwayServer(new string('x', 120));
        var status = await own.Server.StartAsync(CancellationToken.None);
        if (!OperatingSystem.IsWindows())
        {
            Assert.StartsWith(Path.GetTempPath().TrimEnd('/'), status.SocketDirectory, StringComparison.Ordinal);
            Assert.DoesNotContain("xxx", status.SocketDirectory, StringComparison.Ordinal);
        }

        Assert.Equal(1, await own.ScalarAsync<int>("SELECT 1"));
        await own.Server.DestroyAsync(CancellationToken.None);
        Assert.False(Directory.Exists(own.ServerPath));
        Assert.False(Directory.Exists(status.SocketDirectory));
    }

    [Fact]
    public async Task A_start_that_fails_says_why_and_the_next_one_works()
    {
        await using var own = new ThrowAwayServer();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;

        var error = await Assert.ThrowsAsync<StreamingException>(() => own.NewSession(taken).StartAsync(CancellationToken.None));
        Assert.Equal("ServerPortTaken", error.ErrorId);
        Assert.Contains($"{taken}", error.Message, StringComparison.Ordinal);

        var settings = new Dictionary<string, string> { ["shared_buffers"] = "many" };
        error = await Assert.ThrowsAsync<StreamingException>(
            () => new PrivateServer(own.ServerPath, new PrivateServerOptions { Settings = settings }).StartAsync(CancellationToken.None));
        Assert.Equal("ServerStartFailed", error.ErrorId);
        Assert.Contains("invalid value for parameter \"shared_buffers\"", error.Message, StringComparison.Ordinal);

        Assert.NotEqual(taken, (await own.NewSession().StartAsync(CancellationToken.None)).Port);
    }

    [Fact]
    public async Task A_folder_with_other_things_in_it_is_left_alone()
    {
        await using var own = new ThrowAwayServer();
        Directory.CreateDirectory(own.ServerPath);
        var thesis = Path.Combine(own.ServerPath, "thesis.txt");
        await File.WriteAllTextAsync(thesis, "years of work");

        var start = await Assert.ThrowsAsync<StreamingException>(() => own.Server.StartAsync(CancellationToken.None));
        Assert.Equal("ServerFolderNotEmpty", start.ErrorId);
        Assert.Contains("thesis.txt", start.Message, StringComparison.Ordinal);
        var destroy = await Assert.ThrowsAsync<StreamingException>(() => own.Server.DestroyAsync(CancellationToken.None));
        Assert.Equal("ServerFolderNotEmpty", destroy.ErrorId);
        Assert.Equal([thesis], Directory.EnumerateFileSystemEntries(own.ServerPath));
        File.Delete(thesis);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        var file = Path.GetTempFileName();
        var error = await Assert.ThrowsAsync<StreamingException>(() => new PrivateServer(Path.Combine(file, "server")).StartAsync(CancellationToken.None));
        Assert.Equal("ServerFolderNotWritable", error.ErrorId);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public async Task Programs_of_a_version_that_is_not_here_are_named_with_what_to_install()
    {
        var error = await Assert.ThrowsAsync<StreamingException>(() => ServerBinaries.FindAsync(8, CancellationToken.None));
        Assert.Equal(StreamingErrorKind.NotInstalled, error.Kind);
        Assert.Contains("PostgreSQL 8", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Remedy);
    }

    /// <summary>The process ends a moment after its files are gone; an unreaped one counts as ended.</summary>
    private static async Task GoneAsync(int id)
    {
        for (var patience = 0; Process.GetProcesses().Any(process => process.Id == id && process.WorkingSet64 > 0); patience++)
        {
            Assert.InRange(patience, 0, 1200);
            await Task.Delay(100);
        }
    }
}
