using System.Diagnostics;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Server;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>A server of one test with the default tables in it, which can be killed and started again.</summary>
internal sealed class KillableServer : IAsyncDisposable
{
    private readonly ThrowAwayServer _server = new();
    private Task _starting = Task.CompletedTask;

    private KillableServer()
    {
    }

    public DatabaseConnection Connection { get; private set; } = null!;

    public static async Task<KillableServer> CreateAsync()
    {
        var server = new KillableServer();
        try
        {
            await server.StartAsync();
            server.Connection = new DatabaseConnection(
                server._server.Server.GetConnectionSettings()!, SettingsResolver.DefaultSchema, ConnectionSource.PrivateServer);
            await SchemaInitializer.InitializeAsync(server.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public Task StartAsync() => _server.Server.StartAsync(CancellationToken.None);

    public Task StopAsync() => _server.Server.StopAsync(CancellationToken.None);

    /// <summary>Kills the server as a power cut would, and starts it again a moment later.</summary>
    public async Task KillAsync()
    {
        await _starting;
        using var postmaster = Process.GetProcessById(_server.Server.GetStatus().ProcessId!.Value);
        postmaster.Kill();
        await postmaster.EndAsync();
        _starting = StartAgainAsync();
    }

    /// <summary>Stops all processes of the server, so that its connections stay open and nothing answers.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>Lets them go on.</summary>
    public Task ThawAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        await _starting;
        if (Connection is not null)
        {
            await Connection.DisposeAsync();
        }

        await _server.DisposeAsync();
    }

    private async Task SignalAsync(string signal)
    {
        var postmaster = _server.Server.GetStatus().ProcessId!.Value;
        int[] processes = [postmaster, .. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) && ParentOf(id) == postmaster ? id : 0).Where(id => id != 0)];
        using var kill = Process.Start("kill", [$"-{signal}", .. processes.Select(id => $"{id}")]);
        await kill.WaitForExitAsync();
    }

    private static int? ParentOf(int process)
    {
        try
        {
            // The name, in brackets, may have blanks; state and parent come after it.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    // The killed server's sessions hold its memory for a moment more, and no other server may start meanwhile.
    private async Task StartAgainAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            await Task.Delay(300);
            try
            {
                await StartAsync();
                return;
            }
            catch (StreamingException) when (attempt < 200)
            {
            }
        }
    }
}
