using System.Diagnostics;
using System.Net.Sockets;
using Npgsql;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Connections;

/// <summary>
/// A PgBouncer before a server, in transaction mode unless told otherwise, of Debian's package: installed when it is not there and this is root.
/// </summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/pgbouncer";

    private readonly string _folder = Directory.CreateTempSubdirectory("streamingpg-pgbouncer-").FullName;
    private readonly Process _process;

    private PgBouncer(NpgsqlConnectionStringBuilder server, int port, string poolMode, int patience)
    {
        var configuration = Path.Combine(_folder, "pgbouncer.ini");
        File.WriteAllText(configuration, $"""
            [databases]
            * = host={PostgresContainer.TcpHost(server)} port={server.Port} user={server.Username} password={server.Password}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = any
            pool_mode = {poolMode}
            query_wait_timeout = {patience}
            default_pool_size = 2
            """);
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
            File.SetUnixFileMode(_folder, Everybody);
            File.SetUnixFileMode(configuration, Everybody);
        }

        // As root it must become somebody else.
        string[] user = Environment.IsPrivilegedProcess ? ["-u", "nobody"] : [];
        _process = TestProcess.Start(new ProcessStartInfo(Program, [.. user, "-q", configuration]));
        Settings = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Host = "127.0.0.1", Port = port, SslMode = SslMode.Disable };
    }

    /// <summary>Settings that lead through it.</summary>
    public NpgsqlConnectionStringBuilder Settings { get; }

    public static async Task<PgBouncer> StartAsync(NpgsqlConnectionStringBuilder server, string poolMode = "transaction", int patience = 120)
    {
        await InstallAsync();
        using var free = new TcpListener(System.Net.IPAddress.Loopback, 0);
        free.Start();
        var port = ((System.Net.IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        var bouncer = new PgBouncer(server, port, poolMode, patience);
        using var limit = new CancellationTokenSource(TestProcess.Patience);
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", port, limit.Token);
                return bouncer;
            }
            catch (SocketException)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.EndAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task InstallAsync()
    {
        if (File.Exists(Program))
        {
            return;
        }

        Assert.True(Environment.IsPrivilegedProcess, "PgBouncer is not installed: apt-get install pgbouncer");
        await TestProcess.RunAsync("apt-get", "install", "-q", "-y", "--no-install-recommends", "pgbouncer");
    }
}
