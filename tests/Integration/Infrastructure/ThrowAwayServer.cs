using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Server;

namespace StreamingPg.Tests.Integration.Infrastructure;

/// <summary>A server of one test, for tests that stop, kill or break it. Nothing is made before the test starts it.</summary>
public sealed class ThrowAwayServer : IAsyncDisposable
{
    private readonly string _folder;

    /// <param name="below">Folders below the temporary one that the cluster is put into.</param>
    public ThrowAwayServer(string below = "server")
    {
        _folder = Path.Combine(Path.GetTempPath(), $"streamingpg-test-{Guid.NewGuid():N}");
        ServerPath = Path.Combine(_folder, below);
        Server = NewSession();
    }

    public string ServerPath { get; }

    internal PrivateServer Server { get; }

    /// <summary>What a later session of the user would make: it knows the folder only.</summary>
    internal PrivateServer NewSession(int? port = null) =>
        new(ServerPath, new PrivateServerOptions { Port = port, Settings = new Dictionary<string, string> { ["fsync"] = "off" } });

    /// <summary>Starts the server so that a standby can follow it.</summary>
    public Task StartAsPrimaryAsync() => new PrivateServer(
        ServerPath,
        new PrivateServerOptions { Settings = new Dictionary<string, string> { ["fsync"] = "off", ["wal_level"] = "replica" } }).StartAsync(CancellationToken.None);

    /// <summary>An open session that goes by the name of a stream.</summary>
    public async Task<NpgsqlConnection> OpenAsync()
    {
        var settings = Server.GetConnectionSettings()!;
        (settings.Pooling, settings.ApplicationName) = (false, "a stream of mine");
        var open = new NpgsqlConnection(settings.ConnectionString);
        await open.OpenAsync();
        return open;
    }

    /// <param name="sql">Statements; the last returns a value.</param>
    /// <param name="separately">True to run the first statement on its own, outside of a transaction.</param>
    public async Task<T> ScalarAsync<T>(string sql, bool separately = false)
    {
        if (separately)
        {
            var (first, rest) = (sql[..sql.IndexOf(';', StringComparison.Ordinal)], sql[(sql.IndexOf(';', StringComparison.Ordinal) + 1)..]);
            await using var open = await OpenAsync();
            await using var alone = new NpgsqlCommand(first, open);
            await alone.ExecuteNonQueryAsync();
            sql = rest;
        }

        var settings = Server.GetConnectionSettings() ?? throw new InvalidOperationException("The server does not run.");
        settings.Pooling = false;
        await using var connection = new DatabaseConnection(settings, SettingsResolver.DefaultSchema, ConnectionSource.PrivateServer);
        await using var command = connection.DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync() ?? throw new InvalidOperationException($"No row from: {sql}"));
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DestroyAsync(CancellationToken.None);
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
