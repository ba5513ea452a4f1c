using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using StreamingPg.Core.Server;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>A standby of a server: its base backup, which follows the server and can be made the new primary.</summary>
internal sealed class Standby : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streamingpg-standby-").FullName;
    private readonly ServerAccount _account = ServerAccount.Choose(null);
    private readonly ServerBinaries _binaries;

    private Standby(ServerBinaries binaries) => _binaries = binaries;

    public int Port { get; } = FreePort();

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Makes a standby of a running server and waits until it follows.</summary>
    public static async Task<Standby> StartAsync(NpgsqlConnectionStringBuilder primary)
    {
        var standby = new Standby(await ServerBinaries.FindAsync(null, CancellationToken.None));
        await standby._account.OwnAsync(standby._folder, CancellationToken.None);
        var source = string.Create(
            CultureInfo.InvariantCulture, $"host=127.0.0.1 port={primary.Port} user={primary.Username} password={primary.Password}");
        await standby.RunAsync("pg_basebackup", "-D", standby.Data, "-d", source, "-R", "-X", "stream", "-c", "fast");
        await standby.PgCtlAsync("start", "-l", Path.Combine(standby._folder, "log"), "-o", $"-p {standby.Port} -c unix_socket_directories=''");
        return standby;
    }

    /// <summary>Makes it the primary.</summary>
    public Task PromoteAsync() => PgCtlAsync("promote");

    public async ValueTask DisposeAsync()
    {
        await PgCtlAsync("stop", "-m", "immediate");
        Directory.Delete(_folder, recursive: true);
    }

    private Task PgCtlAsync(string action, params string[] arguments) => RunAsync("pg_ctl", [action, "-w", "-D", Data, .. arguments]);

    private async Task RunAsync(string program, params string[] arguments)
    {
        // The folder may hold links to some of the programs only.
        var initDb = File.ResolveLinkTarget(_binaries.InitDb, returnFinalTarget: true)?.FullName ?? _binaries.InitDb;
        var result = await _account.RunAsync(Path.Combine(Path.GetDirectoryName(initDb)!, program), arguments, CancellationToken.None);
        Assert.True(result.ExitCode == 0, $"{program}: {result.Error}");
    }

    private static int FreePort()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }
}
