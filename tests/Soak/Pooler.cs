using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace StreamingPg.Soak;

/// <summary>A PgBouncer in transaction mode, of Debian's package.</summary>
internal sealed class Pooler : IDisposable
{
    private const string Program = "/usr/sbin/pgbouncer";

    private readonly string _configuration;
    private Process? _process;

    public Pooler(string folder) => _configuration = Path.Combine(folder, "pgbouncer.ini");

    public int Port { get; } = Node.FreePort();

    /// <summary>Sends new connections to a node; the pooler starts, or reads its file again.</summary>
    public async Task PointToAsync(Node node)
    {
        await File.WriteAllTextAsync(_configuration, $"""
            [databases]
            * = host=127.0.0.1 port={node.Port} user=streaming
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {Port}
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            query_wait_timeout = 10
            default_pool_size = 8
            server_lifetime = 600
            server_login_retry = 1
            """);
        if (_process is { HasExited: false })
        {
            Node.Signal("HUP", [_process.Id]);
        }
        else
        {
            await StartAsync();
        }
    }

    /// <summary>Kills it, and starts it again a moment later.</summary>
    public async Task RestartAsync()
    {
        Dispose();
        await Task.Delay(TimeSpan.FromSeconds(3 * Random.Shared.NextDouble()));
        await StartAsync();
    }

    public void Dispose()
    {
        _process?.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        _process = null;
    }

    private async Task StartAsync()
    {
        // As root it must become somebody else.
        string[] user = Environment.IsPrivilegedProcess ? ["-u", "nobody"] : [];
        _process = Process.Start(new ProcessStartInfo(Program, [.. user, "-q", _configuration]) { RedirectStandardError = true })!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", Port);
                return;
            }
            catch (SocketException) when (attempt < 100)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Port.ToString(CultureInfo.InvariantCulture);
}
