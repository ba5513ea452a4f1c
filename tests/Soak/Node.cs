using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using StreamingPg.Core.Server;

namespace StreamingPg.Soak;

/// <summary>One of two PostgreSQL servers; data and WAL are on small disks of their own.</summary>
internal sealed class Node
{
    private const string Settings =
        """
        listen_addresses = '127.0.0.1'
        unix_socket_directories = ''
        shared_buffers = '64MB'
        max_wal_size = '96MB'
        min_wal_size = '32MB'
        wal_keep_size = '64MB'
        wal_retrieve_retry_interval = '500ms'
        max_connections = 60

        """;

    // What a standby makes anew, or gets from the primary.
    private const string CopyScript =
        """
        tar -C "$0" --exclude=./pg_wal --exclude='./pg_stat_tmp/*' --exclude='./pg_replslot/*' --exclude=./postmaster.pid --exclude=./postmaster.opts \
          -cf - . 2>/dev/null | tar -C "$1" -xpf - 2>/dev/null
        true
        """;

    private readonly string _name;
    private readonly string _folder;
    private readonly ServerBinaries _binaries;
    private readonly ServerAccount _account = ServerAccount.Choose(recorded: null);

    private Node(string name, string folder, ServerBinaries binaries, Disk data, Disk wal)
    {
        _name = name;
        _folder = folder;
        _binaries = binaries;
        DataDisk = data;
        WalDisk = wal;
    }

    public Disk DataDisk { get; }

    public Disk WalDisk { get; }

    public int Port { get; } = FreePort();

    /// <summary>Settings of its superuser.</summary>
    public NpgsqlConnectionStringBuilder Connection => new()
    {
        Host = "127.0.0.1",
        Port = Port,
        Database = "postgres",
        Username = "streaming",
        Pooling = false,
        Timeout = 30,
        CommandTimeout = 120,
    };

    private string Data => Path.Combine(DataDisk.Path, "data");

    private string Wal => Path.Combine(WalDisk.Path, "wal");

    private int? Postmaster =>
        File.Exists(Path.Combine(Data, "postmaster.pid"))
        && int.TryParse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).FirstOrDefault(), out var id)
        && Directory.Exists($"/proc/{id}") ? id : null;

    public static async Task<Node> CreateAsync(string name, string folder, ServerBinaries binaries) => new(
        name,
        folder,
        binaries,
        await Disk.CreateAsync(Path.Combine(folder, name + "-data"), 1200),
        await Disk.CreateAsync(Path.Combine(folder, name + "-wal"), 320));

    public static int FreePort()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }

    /// <summary>Makes an empty cluster and starts it.</summary>
    public async Task InitializeAsync()
    {
        await MakeFolderAsync(Data);
        await MakeFolderAsync(Wal);
        await MakeFolderAsync(Path.Combine(_folder, "log"));
        await RunAsync(_binaries.InitDb, "-D", Data, "--waldir", Wal, "-U", "streaming", "-A", "trust", "-E", "UTF8", "--locale=C");
        await _account.AppendAsync(Path.Combine(Data, "postgresql.conf"), Settings, CancellationToken.None);
        await StartAsync();
    }

    /// <summary>Makes this a standby of another node, from its files, by PostgreSQL's own steps for a backup.</summary>
    public async Task CopyFromAsync(Node primary)
    {
        await KillAsync();
        await ProgramRunner.RunAsync("rm", ["-rf", Data, Wal], CancellationToken.None);
        await MakeFolderAsync(Data);
        await MakeFolderAsync(Wal);
        await using var session = new NpgsqlConnection(primary.Connection.ConnectionString);
        await session.OpenAsync();
        var isOld = session.PostgreSqlVersion.Major < 15;
        await ScalarAsync(session, isOld ? "SELECT pg_start_backup('soak', true, false)::text" : "SELECT pg_backup_start('soak', true)::text");
        await ProgramRunner.RunAsync("/bin/sh", ["-c", CopyScript, primary.Data, Data], CancellationToken.None);
        var label = await ScalarAsync(session, isOld ? "SELECT labelfile FROM pg_stop_backup(false, false)" : "SELECT labelfile FROM pg_backup_stop(false)");
        await RunAsync("ln", "-sfn", Wal, Path.Combine(Data, "pg_wal"));
        await _account.WriteAsync(Path.Combine(Data, "backup_label"), label, CancellationToken.None);
        await _account.WriteAsync(Path.Combine(Data, "standby.signal"), "", CancellationToken.None);
        await _account.AppendAsync(
            Path.Combine(Data, "postgresql.auto.conf"),
            $"primary_conninfo = 'host=127.0.0.1 port={primary.Port} user=streaming application_name={_name}'\n",
            CancellationToken.None);
        await StartAsync();
    }

    public Task StartAsync() => PgCtlAsync("start", "-l", Path.Combine(_folder, "log", _name), "-t", "60", "-o", $"-p {Port}");

    public Task PromoteAsync() => PgCtlAsync("promote");

    public Task ReloadAsync() => PgCtlAsync("reload");

    /// <summary>Kills the postmaster, and waits until its sessions are gone too.</summary>
    public async Task KillAsync()
    {
        if (Postmaster is not { } postmaster)
        {
            return;
        }

        var processes = Processes(postmaster);
        Signal("KILL", processes);
        for (var attempt = 0; attempt < 200 && processes.Any(id => Directory.Exists($"/proc/{id}") && !IsZombie(id)); attempt++)
        {
            await Task.Delay(50);
        }
    }

    /// <summary>Stops all its processes: connections stay open and nothing answers.</summary>
    public async Task FreezeAsync(TimeSpan time, CancellationToken sooner = default)
    {
        if (Postmaster is { } postmaster)
        {
            var processes = Processes(postmaster);
            Signal("STOP", processes);
            await Task.Delay(time, sooner).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Signal("CONT", processes);
        }
    }

    /// <summary>Starts it again when it is down, for as long as it takes.</summary>
    public async Task EnsureUpAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                if (Postmaster is not { } postmaster || IsZombie(postmaster))
                {
                    File.Delete(Path.Combine(Data, "postmaster.pid"));
                    await StartAsync();
                }

                await using var session = new NpgsqlConnection(Connection.ConnectionString);
                await session.OpenAsync();
                return;
            }
            catch (Exception exception) when (attempt < 120 && exception is NpgsqlException or InvalidOperationException or IOException)
            {
                await Task.Delay(500);
            }
        }
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var session = new NpgsqlConnection(Connection.ConnectionString);
        await session.OpenAsync();
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<string> ScalarAsync(string sql)
    {
        await using var session = new NpgsqlConnection(Connection.ConnectionString);
        await session.OpenAsync();
        return await ScalarAsync(session, sql);
    }

    public async Task RemoveAsync()
    {
        await KillAsync();
        await DataDisk.RemoveAsync();
        await WalDisk.RemoveAsync();
    }

    public static void Signal(string signal, IEnumerable<int> processes)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", .. processes.Select(id => id.ToString(CultureInfo.InvariantCulture))]) { RedirectStandardError = true })!;
        kill.WaitForExit();
    }

    private static bool IsZombie(int process) => StateOf(process)?.State == 'Z';

    private static int[] Processes(int postmaster) =>
    [
        postmaster,
        .. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) && StateOf(id)?.Parent == postmaster ? id : 0).Where(id => id != 0),
    ];

    private static (char State, int Parent)? StateOf(int process)
    {
        try
        {
            // The name, in brackets, may have blanks; state and parent come after it.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task<string> ScalarAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private async Task MakeFolderAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        await _account.OwnAsync(folder, CancellationToken.None);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private Task PgCtlAsync(string action, params string[] arguments) => RunAsync(_binaries.PgCtl, [action, "-w", "-s", "-D", Data, .. arguments]);

    private async Task RunAsync(string program, params string[] arguments)
    {
        var result = await _account.RunAsync(program, arguments, CancellationToken.None);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {result.Error}");
        }
    }
}
