using System.Net;
using System.Net.Sockets;
using Npgsql;
using StreamingPg.Core.Server;

namespace StreamingPg.Tests.Integration.Infrastructure;

/// <summary>A hot standby of a test's server, in a folder of its own; deleted at the end.</summary>
internal sealed class StandbyServer : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"streamingpg-standby-{Guid.NewGuid():N}");
    private readonly ServerAccount _account = ServerAccount.Choose(recorded: null);
    private ServerBinaries _binaries = null!;

    private StandbyServer()
    {
    }

    /// <summary>Loopback port.</summary>
    public int Port { get; private set; }

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Copies the server and starts the copy.</summary>
    /// <param name="primary">Settings of the server's superuser.</param>
    /// <param name="name">Name under which the primary knows it.</param>
    public static async Task<StandbyServer> StartAsync(NpgsqlConnectionStringBuilder primary, string name = "standby")
    {
        var standby = new StandbyServer { Port = FreePort(), _binaries = await ServerBinaries.FindAsync(major: null, CancellationToken.None) };
        Directory.CreateDirectory(standby._folder);
        await standby._account.OwnAsync(standby._folder, CancellationToken.None);
        var conninfo = $"host=127.0.0.1 port={primary.Port} user='{primary.Username}' password='{primary.Password}' application_name='{name}'";
        await standby.RunAsync("pg_basebackup", "-D", standby.Data, "-d", conninfo, "-R", "-X", "stream", "-c", "fast");
        await standby.RunAsync(
            "pg_ctl", "start", "-D", standby.Data, "-w", "-s", "-l", Path.Combine(standby._folder, "log"),
            "-o", $"-c port={standby.Port} -c unix_socket_directories=''");
        return standby;
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("pg_ctl", "stop", "-D", Data, "-m", "immediate", "-w", "-s");
        Directory.Delete(_folder, recursive: true);
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        var result = await _account.RunAsync(Find(program), arguments, CancellationToken.None);
        Assert.True(result.ExitCode == 0, $"{program}: {result.Error}");
    }

    /// <summary>Beside the server programs, which may be links to where they really are.</summary>
    private string Find(string program)
    {
        var real = File.ResolveLinkTarget(_binaries.PgCtl, returnFinalTarget: true)?.FullName ?? _binaries.PgCtl;
        return Path.Combine(Path.GetDirectoryName(real)!, SearchPath.FileName(program));
    }

    private static int FreePort()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }
}
