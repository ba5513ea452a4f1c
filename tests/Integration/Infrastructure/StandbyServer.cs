using Npgsql;
using StreamingPg.Core.Server;

namespace StreamingPg.Tests.Integration.Infrastructure;

/// <summary>
/// A hot standby of a test's server, in a folder of its own; deleted at the end. It is copied by PostgreSQL's own steps for a backup
/// (pg_backup_start, the files, pg_backup_stop): pg_basebackup does not come with every set of server programs.
/// </summary>
internal sealed class StandbyServer : IAsyncDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // What a standby makes anew, or gets from the primary.
    private static readonly HashSet<string> NotCopied = new(StringComparer.Ordinal)
    {
        "pg_dynshmem", "pg_notify", "pg_replslot", "pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans", "pg_wal",
    };

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"streamingpg-standby-{Guid.NewGuid():N}");
    private readonly ServerAccount _account = ServerAccount.Choose(recorded: null);
    private readonly ServerBinaries _binaries;

    private StandbyServer(ServerBinaries binaries) => _binaries = binaries;

    /// <summary>Loopback port.</summary>
    public int Port { get; } = PostgresContainer.FreePort();

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Copies the server and starts the copy.</summary>
    /// <param name="primary">Settings of the server's superuser; its files are on this machine.</param>
    /// <param name="name">Name under which the primary knows it.</param>
    public static async Task<StandbyServer> StartAsync(NpgsqlConnectionStringBuilder primary, string name = "standby")
    {
        await using var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(primary.ConnectionString) { Pooling = false }.ConnectionString);
        await session.OpenAsync();
        var standby = new StandbyServer(await ServerBinaries.FindAsync(session.PostgreSqlVersion.Major, CancellationToken.None));
        await standby.CopyAsync(session);
        await File.WriteAllTextAsync(Path.Combine(standby.Data, "standby.signal"), "");
        await File.AppendAllTextAsync(
            Path.Combine(standby.Data, "postgresql.auto.conf"),
            $"primary_conninfo = 'host=127.0.0.1 port={primary.Port} user={primary.Username} password={primary.Password} application_name={name}'\n");
        if (standby._account.Name is { } account)
        {
            await TestProcess.RunAsync("chown", "-R", $"{account}:", standby._folder);
        }

        await standby.PgCtlAsync(
            "start", "-l", Path.Combine(standby._folder, "log"), "-o", $"-c port={standby.Port} -c unix_socket_directories=''");
        return standby;
    }

    /// <summary>Makes it the primary.</summary>
    public Task PromoteAsync() => PgCtlAsync("promote");

    public async ValueTask DisposeAsync()
    {
        await PgCtlAsync("stop", "-m", "immediate");
        Directory.Delete(_folder, recursive: true);
    }

    private async Task CopyAsync(NpgsqlConnection session)
    {
        var isOld = session.PostgreSqlVersion.Major < 15;
        await ScalarAsync(session, isOld ? "SELECT pg_start_backup('standby', true, false)::text" : "SELECT pg_backup_start('standby', true)::text");
        CopyFolder(await ScalarAsync(session, "SHOW data_directory"), Data);
        var label = await ScalarAsync(session, isOld ? "SELECT labelfile FROM pg_stop_backup(false, false)" : "SELECT labelfile FROM pg_backup_stop(false)");
        await File.WriteAllTextAsync(Path.Combine(Data, "backup_label"), label);
    }

    private static void CopyFolder(string source, string target)
    {
        MakeFolder(target);
        if (NotCopied.Contains(Path.GetFileName(source)))
        {
            return;
        }

        foreach (var folder in Directory.EnumerateDirectories(source))
        {
            CopyFolder(folder, Path.Combine(target, Path.GetFileName(folder)));
        }

        foreach (var file in Directory.EnumerateFiles(source).Where(file => Path.GetFileName(file) is not ("postmaster.pid" or "postmaster.opts")))
        {
            try
            {
                File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
            }
            catch (FileNotFoundException)
            {
                // The server has deleted it meanwhile: the log that the standby replays says so too.
            }
        }
    }

    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
    }

    private static async Task<string> ScalarAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private async Task PgCtlAsync(string action, params string[] arguments)
    {
        var result = await _account.RunAsync(_binaries.PgCtl, [action, "-w", "-s", "-D", Data, .. arguments], CancellationToken.None);
        Assert.True(result.ExitCode == 0, $"pg_ctl {action}: {result.Error}\n{LogTail()}");
    }

    private string LogTail() => File.Exists(Path.Combine(_folder, "log")) ? File.ReadAllText(Path.Combine(_folder, "log")) : "";
}
