using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Server;

/// <summary>
/// A PostgreSQL server of the user's own: one cluster in one folder. It listens on loopback and a local socket only, its
/// password is generated, and it goes on running when the session that started it ends. All state is on disk, so any
/// later session of the same user finds it again.
/// </summary>
internal sealed class PrivateServer
{
    /// <summary>Name of the database that the server is made with.</summary>
    public const string DatabaseName = "streaming_db";

    /// <summary>Role that owns the cluster (its superuser: the server is private to the user).</summary>
    public const string UserName = "streaming";

    /// <summary>What whoever holds the lock of the folder does.</summary>
    private const string WalLevelSetting = "wal_level";

    internal const string LockActivity = "starting, stopping or upgrading the server";

    private static readonly TimeSpan ComingUpPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ComingUpInterval = TimeSpan.FromMilliseconds(50);
    private readonly ServerFolder _folder;
    private readonly PrivateServerOptions _options;

    /// <summary>A server whose cluster is, or will be, in <paramref name="path"/>.</summary>
    /// <param name="path">
    /// Folder; null means the one that STREAMINGPG_SERVER_PATH names, or StreamingPg/server in the user's data folder
    /// (/var/lib/streamingpg for root).
    /// </param>
    /// <param name="options">How it is started; null means the defaults.</param>
    /// <exception cref="StreamingException">No path is given and the user has no data folder.</exception>
    public PrivateServer(string? path = null, PrivateServerOptions? options = null)
    {
        _folder = new ServerFolder(string.IsNullOrEmpty(path) ? ServerFolder.DefaultPath() : System.IO.Path.GetFullPath(path));
        _options = options ?? new PrivateServerOptions();
    }

    /// <summary>Folder of the cluster and its settings.</summary>
    public string Path => _folder.Path;

    /// <summary>Makes the cluster when there is none, starts the server when it does not run, and waits until it answers.</summary>
    /// <exception cref="StreamingException">
    /// PostgreSQL is not installed, the folder cannot be used, the port is taken, or the server does not come up.
    /// </exception>
    public async Task<StreamingServer> StartAsync(CancellationToken cancellationToken)
    {
        _folder.Prepare();
        using var held = await FolderLock.TakeAsync(_folder.LockFile, LockActivity, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        _folder.FinishUpgrade();
        await ServerUpgrader.DiscardAsync(_folder, Account(), _options, cancellationToken).ConfigureAwait(false);
        await WaitWhileComingUpAsync(cancellationToken).ConfigureAwait(false);
        if (GetStatus() is { State: ServerState.Running } running)
        {
            ServerRegistry.Remember(Path);
            await MakeDatabaseAsync(cancellationToken).ConfigureAwait(false);
            return running;
        }

        var record = ServerRecord.Read(_folder.RecordFile);
        var walLevel = _options.WalLevel is { } level ? Spell(level) : record.WalLevel;
        var account = ServerAccount.Choose(record.Account);
        var binaries = await _options.Programs.FindOrDownloadAsync(_folder.Major, _options, cancellationToken).ConfigureAwait(false);
        if (!_folder.HasCluster)
        {
            var isDurable = _options.Settings.GetValueOrDefault("fsync") != "off";
            await ClusterCreator.CreateAsync(_folder, binaries, account, isDurable, cancellationToken).ConfigureAwait(false);
        }

        var socketDirectory = await _folder.MakeSocketFolderAsync(record.SocketDirectory, account, cancellationToken).ConfigureAwait(false);
        var launcher = new ServerLauncher(_folder, account, walLevel is null || _options.Settings.ContainsKey(WalLevelSetting)
            ? _options
            : _options with { Settings = new Dictionary<string, string>(_options.Settings) { [WalLevelSetting] = walLevel } });
        var port = await launcher.StartAsync(binaries, record.Port, socketDirectory, cancellationToken).ConfigureAwait(false);
        ServerRegistry.Remember(Path);
        new ServerRecord(binaries.Version, port, socketDirectory, account.Name) { WalLevel = walLevel }.Write(_folder.RecordFile);
        await MakeDatabaseAsync(cancellationToken).ConfigureAwait(false);
        return GetStatus();
    }

    /// <summary>
    /// Stops the server (fast shutdown: open sessions are ended, nothing committed is lost) when it runs. A stop that had nothing to
    /// stop says so, and names the servers that run.
    /// </summary>
    /// <exception cref="StreamingException">The server did not stop.</exception>
    public async Task<StreamingServer> StopAsync(CancellationToken cancellationToken)
    {
        var stopped = false;
        if (_folder.HasCluster)
        {
            using var held = await FolderLock.TakeAsync(_folder.LockFile, LockActivity, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            stopped = await Launcher().StopAsync(atOnce: false, cancellationToken).ConfigureAwait(false);
        }

        if (!stopped)
        {
            _options.Say?.Invoke(NothingStopped());
        }

        return GetStatus();
    }

    /// <summary>All servers of this user, by folder.</summary>
    public static IReadOnlyList<StreamingServer> GetAll()
    {
        var servers = new List<StreamingServer>();
        foreach (var path in ServerRegistry.All().Append(ServerFolder.FindDefaultPath()).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            var server = new PrivateServer(path);
            if (server.IsCreated() is not { } isCreated)
            {
                continue;
            }

            if (isCreated)
            {
                servers.Add(server.GetStatus());
            }
            else
            {
                ServerRegistry.Forget(path);
            }
        }

        return servers;
    }

    /// <summary>Stops the server at once and deletes its folder with all data.</summary>
    /// <exception cref="StreamingException">The folder holds no cluster of ours, or the server did not stop.</exception>
    public async Task DestroyAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Path))
        {
            return;
        }

        var socketDirectory = ServerRecord.Read(_folder.RecordFile).SocketDirectory;
        if (_folder.HasCluster)
        {
            using var held = await FolderLock.TakeAsync(_folder.LockFile, LockActivity, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            await Launcher().StopAsync(atOnce: true, cancellationToken).ConfigureAwait(false);
            await ServerUpgrader.DiscardAsync(_folder, Account(), _options, cancellationToken).ConfigureAwait(false);
        }

        _folder.Delete(socketDirectory);
        ServerRegistry.Forget(Path);
    }

    /// <summary>State of the server as it is now.</summary>
    public StreamingServer GetStatus()
    {
        var record = ServerRecord.Read(_folder.RecordFile);
        var stopped = new StreamingServer
        {
            State = _folder.HasCluster ? ServerState.Stopped : ServerState.NotCreated,
            Path = Path,
            Version = record.Version,
            PasswordFile = _folder.HasCluster ? _folder.PasswordFile : null,
            LogFile = File.Exists(_folder.LogFile) ? _folder.LogFile : null,
        };
        return PostmasterFile.Read(_folder.Data) is { IsReady: true } postmaster && postmaster.ProcessLives() && Answers(postmaster.Port)
            ? stopped with
            {
                State = ServerState.Running,
                Port = postmaster.Port,
                SocketDirectory = postmaster.SocketDirectory,
                ProcessId = postmaster.ProcessId,
            }
            : stopped;
    }

    /// <summary>Settings to connect to the running server with, the password among them; null when it does not run.</summary>
    public NpgsqlConnectionStringBuilder? GetConnectionSettings() =>
        GetStatus() is { State: ServerState.Running, Port: { } port } status
            ? new NpgsqlConnectionStringBuilder
            {
                Host = HasSocket(status) ? status.SocketDirectory : status.HostName,
                Port = port,
                Database = DatabaseName,
                Username = UserName,
                Password = PasswordFile.Read(_folder.PasswordFile),
            }
            : null;

    /// <summary>Cleaners of temporary files may have taken the socket away; the port still answers then.</summary>
    private static bool HasSocket(StreamingServer status) =>
        status.SocketDirectory is { } folder && File.Exists(System.IO.Path.Combine(folder, $".s.PGSQL.{status.Port}"));

    private static bool Answers(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>A server that a session left while it came up, or that recovers from a crash, needs time and no second start.</summary>
    private async Task WaitWhileComingUpAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (PostmasterFile.Read(_folder.Data) is { IsReady: false } postmaster
            && postmaster.ProcessLives()
            && Stopwatch.GetElapsedTime(started) < ComingUpPatience)
        {
            await Task.Delay(ComingUpInterval, cancellationToken).ConfigureAwait(false);
        }
    }

    private ServerLauncher Launcher() => new(_folder, Account(), _options);

    private ServerAccount Account() => ServerAccount.Choose(ServerRecord.Read(_folder.RecordFile).Account);

    private Task<string> LogTailAsync(CancellationToken cancellationToken) =>
        new ServerLog(_folder, Account()).TailAsync(0, cancellationToken);

    /// <summary>Whether there is a cluster; null when the folder belongs to another user.</summary>
    private bool? IsCreated()
    {
        try
        {
            return _folder.HasCluster;
        }
        catch (StreamingException exception) when (exception.ErrorId == ErrorIds.ServerOfAnotherUser)
        {
            return null;
        }
    }

    private string NothingStopped()
    {
        var running = GetAll().Where(static server => server.State == ServerState.Running).Select(static server => server.Path).ToList();
        return (_folder.HasCluster ? $"The server in {Path} is not running" : $"There is no server in {Path}")
            + ": nothing was stopped."
            + (running.Count == 0 ? "" : $" Running: {string.Join(", ", running)}; name one with -Path (--path).");
    }

    /// <summary>Makes the database when it is missing; this also shows that the server answers.</summary>
    private async Task MakeDatabaseAsync(CancellationToken cancellationToken)
    {
        var settings = GetConnectionSettings() ?? throw new StreamingException(
            ErrorIds.ServerStartFailed,
            StreamingErrorKind.ConnectionFailed,
            $"The private server in {Path} was started but does not answer.\n{await LogTailAsync(cancellationToken).ConfigureAwait(false)}",
            $"\nThe full log is {_folder.LogFile}.",
            Path);
        settings.Database = "postgres";
        settings.Pooling = false;
        var server = new DatabaseConnection(settings, SettingsResolver.DefaultSchema, ConnectionSource.PrivateServer);
        await using (server.ConfigureAwait(false))
        {
            var (hasDatabase, walLevel) = await LookAsync(server, cancellationToken).ConfigureAwait(false);
            if (_options.WalLevel is { } level && Spell(level) != walLevel)
            {
                throw new StreamingException(
                    ErrorIds.ServerRestartNeeded,
                    StreamingErrorKind.InvalidInput,
                    $"The server in {Path} runs with wal_level {walLevel}; only a restart makes it {Spell(level)}.",
                    "Run Stop-StreamingServer (streamingpg server stop), which ends open sessions, and then the command again.",
                    Path);
            }

            if (!hasDatabase)
            {
                var create = server.DataSource.CreateCommand($"CREATE DATABASE {Identifier.Quote(DatabaseName)}");
                await using (create.ConfigureAwait(false))
                {
                    await ServerCall.RunAsync(null, create.ExecuteNonQueryAsync, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    private static async Task<(bool HasDatabase, string WalLevel)> LookAsync(DatabaseConnection server, CancellationToken cancellationToken)
    {
        var seen = (false, "");
        var session = await Session.BeginAsync(server, SessionKind.Read, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.QueryAsync(
                "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1), current_setting('wal_level')",
                row => seen = (row.GetBoolean(0), row.GetString(1)),
                cancellationToken,
                Parameter.Of(DatabaseName)).ConfigureAwait(false);
            return seen;
        }
    }

    private static string Spell(WalLevel level) => level.ToString().ToLowerInvariant();
}

/// <summary>How a private server is started. A server that runs already is left as it is.</summary>
internal sealed record PrivateServerOptions
{
    /// <summary>Loopback port; null means the one used last time, or a free one.</summary>
    public int? Port { get; init; }

    /// <summary>Settings of PostgreSQL for this start, by name; they replace those that StreamingPg chooses.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>How much goes into the WAL for others to read; null means what was asked last, or what StreamingPg chooses.</summary>
    public WalLevel? WalLevel { get; init; }

    /// <summary>True when server programs may be downloaded if none are found.</summary>
    public bool Download { get; init; }

    /// <summary>Is told how far a download is, or null.</summary>
    public IProgress<DownloadProgress>? DownloadProgress { get; init; }

    /// <summary>Is told, in a sentence, what the user should know though nothing failed; or null.</summary>
    public Action<string>? Say { get; init; }

    /// <summary>Where programs are found.</summary>
    internal ServerPrograms Programs { get; init; } = new();
}
