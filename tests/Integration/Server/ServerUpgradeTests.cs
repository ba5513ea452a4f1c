using StreamingPg.Core.Server;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Server;

/// <summary>A server of an older version is moved to a newer one with all it holds; whatever interrupts that, the old one is as it was.</summary>
public sealed class ServerUpgradeTests
{
    /// <summary>Folder of older server programs, where this machine does not have them installed.</summary>
    private const string OlderPrograms = "STREAMINGPG_TEST_OLDER_PROGRAMS";

    [Fact]
    [Trait("Needs", "OlderPrograms")]
    public async Task An_older_server_is_upgraded_with_all_it_holds_and_a_failure_or_a_stop_leaves_it_as_it_was()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Folders of programs are linked together on Linux only.");
        }

        await using var own = new ThrowAwayServer();
        using var programs = await TwoVersions.FindAsync();
        var before = await own.Session(programs.Old).StartAsync(CancellationToken.None);
        Assert.Equal(programs.OldMajor, int.Parse(before.Version!.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture));
        await own.ScalarAsync<int>(
            """
            CREATE ROLE reader LOGIN PASSWORD 'secret'; CREATE SCHEMA streaming; CREATE TYPE streaming.mood AS ENUM ('good', 'bad');
            CREATE TABLE streaming.parents (id serial PRIMARY KEY, mood streaming.mood, price numeric(10, 2), raw bytea);
            INSERT INTO streaming.parents (mood, price, raw) SELECT 'good', n / 7.0, decode(md5(n::text), 'hex') FROM generate_series(1, 1000) n;
            CREATE VIEW streaming.good AS SELECT * FROM streaming.parents WHERE mood = 'good'; GRANT SELECT ON streaming.good TO reader;
            SELECT 1
            """);
        await own.ScalarAsync<int>("CREATE DATABASE \"odd 'name\"; SELECT 1", separately: true);
        await own.ScalarAsync<int>("ALTER SYSTEM SET work_mem = '7MB'; SELECT 1", separately: true);
        var holds = await own.ScalarAsync<string>("SELECT md5(string_agg(p::text, ',' ORDER BY id)) FROM streaming.parents p");

        // A session is named, and not ended without being told to.
        await using (var session = await own.OpenAsync())
        {
            var error = await Assert.ThrowsAsync<StreamingException>(() => own.Upgrader(programs.Both).UpgradeAsync(CancellationToken.None));
            Assert.Equal("ServerInUse", error.ErrorId);
            Assert.Contains("a stream of mine in streaming_db", error.Message, StringComparison.Ordinal);
        }

        // Stopped at each of its steps, it leaves the old server running as it was.
        foreach (var step in new[] { "Copying database streaming_db", "Verifying" })
        {
            using var stop = new CancellationTokenSource();
            var options = new ServerUpgradeOptions { Step = text => Cancel(stop, text.StartsWith(step, StringComparison.Ordinal)) };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => own.Upgrader(programs.Both, options).UpgradeAsync(stop.Token));
            Assert.Equal(before with { ProcessId = null }, own.Server.GetStatus() with { ProcessId = null });
            Assert.False(Directory.Exists(Path.Combine(own.ServerPath, "upgrade")));
            Assert.Equal("off", await own.ScalarAsync<string>("SHOW transaction_read_only"));
        }

        var plan = await own.Upgrader(programs.Both).PlanAsync(CancellationToken.None);
        Assert.Equal(ServerUpgradeStatus.Planned, plan.Status);
        Assert.InRange(plan.RequiredBytes, 1 << 20, plan.FreeBytes);

        var upgrade = await own.Upgrader(programs.Both, new ServerUpgradeOptions { KeepOldData = true }).UpgradeAsync(CancellationToken.None);
        Assert.Equal(ServerUpgradeStatus.Upgraded, upgrade.Status);
        Assert.Contains("odd 'name", upgrade.Databases);
        Assert.Equal(1000, upgrade.Rows);
        Assert.True(Directory.Exists(upgrade.OldData));
        Assert.Equal(programs.NewMajor, await own.ScalarAsync<int>("SELECT current_setting('server_version_num')::int / 10000"));
        Assert.Equal(before.Port, own.Server.GetStatus().Port);
        Assert.Equal("7MB", await own.ScalarAsync<string>("SHOW work_mem"));
        Assert.Equal(holds, await own.ScalarAsync<string>("SELECT md5(string_agg(p::text, ',' ORDER BY id)) FROM streaming.parents p"));
        Assert.Equal(1001, await own.ScalarAsync<int>("INSERT INTO streaming.parents DEFAULT VALUES RETURNING id"));
        Assert.True(await own.ScalarAsync<bool>("SELECT has_table_privilege('reader', 'streaming.good', 'SELECT')"));

        // Once more has nothing to do but to remove what was kept.
        upgrade = await own.Upgrader(programs.Both).UpgradeAsync(CancellationToken.None);
        Assert.Equal(ServerUpgradeStatus.UpToDate, upgrade.Status);
        Assert.Null(upgrade.OldData);
        Assert.Equal(1001, await own.ScalarAsync<int>("SELECT count(*)::int FROM streaming.parents"));
    }

    /// <summary>What a killed upgrade leaves at each moment, and what the next start makes of it.</summary>
    [Fact]
    public async Task A_killed_upgrade_leaves_nothing_that_the_next_start_does_not_put_right()
    {
        await using var own = new ThrowAwayServer();
        await own.Server.StartAsync(CancellationToken.None);
        await own.ScalarAsync<int>("CREATE TABLE kept AS SELECT 7 AS value; SELECT value FROM kept");
        await own.Server.StopAsync(CancellationToken.None);
        string Folder(string name) => Path.Combine(own.ServerPath, name);

        // While it filled the new cluster, or had put it aside: the old one counts.
        Directory.CreateDirectory(Path.Combine(Folder("upgrade"), "data"));
        Directory.CreateDirectory(Folder("data.next"));
        await own.NewSession().StartAsync(CancellationToken.None);
        Assert.Equal(7, await own.ScalarAsync<int>("SELECT value FROM kept"));
        Assert.False(Directory.Exists(Folder("upgrade")) || Directory.Exists(Folder("data.next")));

        // When the old one was moved away: the new one is verified, and takes its place.
        await own.Server.StopAsync(CancellationToken.None);
        Directory.Move(Folder("data"), Folder("data.next"));
        Directory.CreateDirectory(Folder("data.old"));
        await own.NewSession().StartAsync(CancellationToken.None);
        Assert.Equal(7, await own.ScalarAsync<int>("SELECT value FROM kept"));
    }

    [Fact]
    public async Task No_server_and_missing_programs_are_named()
    {
        await using var own = new ThrowAwayServer();
        var error = await Assert.ThrowsAsync<StreamingException>(() => own.Upgrader(new ServerPrograms()).UpgradeAsync(CancellationToken.None));
        Assert.Equal("ServerNotCreated", error.ErrorId);

        error = await Assert.ThrowsAsync<StreamingException>(() => ClientPrograms.FindAsync(98, new ServerBinaries(own.ServerPath, "99.1"), CancellationToken.None));
        Assert.Equal("ServerClientsMissing", error.ErrorId);
        Assert.Contains("pg_dump, pg_dumpall and psql of PostgreSQL 98 to 99", error.Message, StringComparison.Ordinal);
    }

    private static void Cancel(CancellationTokenSource stop, bool isTime)
    {
        if (isTime)
        {
            stop.Cancel();
        }
    }

    /// <summary>Server programs of two versions, in folders that hold what downloads hold.</summary>
    private sealed class TwoVersions : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("streamingpg-programs-").FullName;

        public required int OldMajor { get; init; }

        public required int NewMajor { get; init; }

        public ServerPrograms Old => new() { SearchesSystem = false, Folder = Path.Combine(_folder, "old") };

        public ServerPrograms Both => new() { SearchesSystem = false, Folder = Path.Combine(_folder, "both") };

        public static async Task<TwoVersions> FindAsync()
        {
            var found = new List<ServerBinaries>();
            await foreach (var binaries in ServerBinaries.InstalledAsync(CancellationToken.None))
            {
                found.Add(binaries);
            }

            if (Environment.GetEnvironmentVariable(OlderPrograms) is { Length: > 0 } named)
            {
                found.Add((await ServerBinaries.ReadAsync(named, CancellationToken.None))!);
            }

            var archives = ServerArchive.OfThisPlatform().ToList();
            found.RemoveAll(binaries => !archives.Exists(archive => archive.Major == binaries.Major));
            var next = found.Where(binaries => File.Exists(Path.Combine(binaries.Folder, "pg_dumpall"))).MaxBy(binaries => binaries.Major);
            var old = found.Where(binaries => binaries.Major < next?.Major).MinBy(binaries => binaries.Major);
            if (next is null || old is null)
            {
                Assert.Skip($"There are no server programs of two versions of which the newer has pg_dumpall; {OlderPrograms} can name older ones.");
            }

            var versions = new TwoVersions { OldMajor = old.Major, NewMajor = next.Major };
            versions.Link("old", old);
            versions.Link("both", old);
            versions.Link("both", next);
            return versions;
        }

        public void Dispose() => Directory.Delete(_folder, recursive: true);

        private void Link(string name, ServerBinaries binaries)
        {
            var archive = ServerArchive.OfThisPlatform().First(archive => archive.Major == binaries.Major);
            var folder = Path.Combine(_folder, name, archive.FolderName);
            Directory.CreateDirectory(folder);
            Directory.CreateSymbolicLink(Path.Combine(folder, "bin"), binaries.Folder);
            if (OperatingSystem.IsWindows())
            {
                return;
            }

            foreach (var made in new[] { _folder, Path.Combine(_folder, name), folder })
            {
                new DirectoryInfo(made).UnixFileMode = (UnixFileMode)0b111_101_101;
            }
        }
    }
}

internal static class UpgradedServer
{
    private static readonly Dictionary<string, string> Settings = new() { ["fsync"] = "off" };

    public static PrivateServer Session(this ThrowAwayServer own, ServerPrograms programs) =>
        new(own.ServerPath, new PrivateServerOptions { Programs = programs, Settings = Settings });

    public static ServerUpgrader Upgrader(this ThrowAwayServer own, ServerPrograms programs, ServerUpgradeOptions? options = null) =>
        ServerUpgrader.Of(own.ServerPath, new PrivateServerOptions { Programs = programs, Settings = Settings }, options ?? new ServerUpgradeOptions());
}
