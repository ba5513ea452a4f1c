using System.Diagnostics;
using System.Globalization;
using Npgsql;
using StreamingPg.Core.Server;
using Testcontainers.PostgreSql;

namespace StreamingPg.Tests.Integration.Infrastructure;

/// <summary>
/// The server of a collection of tests; the one place that decides which it is: the server that STREAMINGPG_TEST_CONNECTION names (as a
/// superuser), a container of the image STREAMINGPG_TEST_IMAGE, else a private server, made by the product's own code and deleted at
/// the end. Each test has a database of its own.
/// </summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    /// <summary>Variable with the connection string of a server to use.</summary>
    internal const string ConnectionVariable = "STREAMINGPG_TEST_CONNECTION";

    private const string FolderPrefix = "streamingpg-tests-";

    // Tests lose nothing when the machine goes down, so they need not wait for the disk. And what a table's statistics say, which files it has and
    // who locks it must not depend on whether autovacuum has come by.
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["fsync"] = "off",
        ["synchronous_commit"] = "off",
        ["full_page_writes"] = "off",
        ["shared_buffers"] = "128MB",
        ["autovacuum"] = "off",
    };

    private static readonly Lazy<Task> AbandonedDestroyed = new(DestroyAbandonedAsync);
    private static int _fixtures;

    private readonly PrivateServer _private = new(
        Path.Combine(Path.GetTempPath(), $"{FolderPrefix}{Environment.ProcessId}-{Interlocked.Increment(ref _fixtures)}"),
        new PrivateServerOptions { Settings = Settings });

    private PostgreSqlContainer? _container;
    private NpgsqlConnectionStringBuilder _settings = null!;

    /// <summary>Settings of a superuser of the server, and of a database that he may connect to.</summary>
    public NpgsqlConnectionStringBuilder SuperuserSettings => new(_settings.ConnectionString);

    public async ValueTask InitializeAsync()
    {
        await AbandonedDestroyed.Value;
        if (Environment.GetEnvironmentVariable(ConnectionVariable) is { Length: > 0 } connection)
        {
            _settings = new NpgsqlConnectionStringBuilder(connection);
        }
        else if (Environment.GetEnvironmentVariable(PostgresContainer.ImageVariable) is { Length: > 0 } image)
        {
            _container = await PostgresContainer.StartAsync(image);
            _settings = new NpgsqlConnectionStringBuilder(_container.GetConnectionString());
        }
        else
        {
            _settings = (await PrivateServerAsync()).GetConnectionSettings()!;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_container is not null)
        {
            await _container.DisposeAsync();
        }

        await _private.DestroyAsync(CancellationToken.None);
    }

    /// <summary>The private server, which runs: for tests of private servers, or of files that only a server on this machine has.</summary>
    internal async Task<PrivateServer> PrivateServerAsync()
    {
        await _private.StartAsync(CancellationToken.None);
        return _private;
    }

    /// <summary>An empty database of the test's own; disposing drops it.</summary>
    /// <param name="schema">Schema that its connections name; it is not created.</param>
    public Task<TestDatabase> CreateDatabaseAsync(string schema = SettingsResolver.DefaultSchema) => CreateDatabaseAsync(SuperuserSettings, schema);

    /// <summary>An empty database on the private server, whatever the server of the test run is.</summary>
    public async Task<TestDatabase> CreatePrivateDatabaseAsync() =>
        await CreateDatabaseAsync((await PrivateServerAsync()).GetConnectionSettings()!, SettingsResolver.DefaultSchema);

    private static async Task<TestDatabase> CreateDatabaseAsync(NpgsqlConnectionStringBuilder superuser, string schema)
    {
        var database = new TestDatabase(superuser, $"test_{Guid.NewGuid():N}", schema);
        await database.CreateAsync();
        return database;
    }

    /// <summary>A test run that was killed could not delete its servers; its process id is in the folders' names.</summary>
    private static async Task DestroyAbandonedAsync()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), FolderPrefix + "*"))
        {
            var owner = int.Parse(Path.GetFileName(folder)[FolderPrefix.Length..].Split('-')[0], CultureInfo.InvariantCulture);
            if (owner == Environment.ProcessId || !Process.GetProcesses().Any(process => process.Id == owner))
            {
                await new PrivateServer(folder).DestroyAsync(CancellationToken.None);
            }
        }
    }
}
