using System.Diagnostics;
using System.Globalization;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Server;

namespace StreamingPg.Tests.Integration.Infrastructure;

/// <summary>One throw-away PostgreSQL server for the whole test run, made by the product's own code and deleted at the end.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private const string FolderPrefix = "streamingpg-tests-";

    // Tests lose nothing when the machine goes down, so they need not wait for the disk.
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["fsync"] = "off",
        ["synchronous_commit"] = "off",
        ["full_page_writes"] = "off",
        ["shared_buffers"] = "128MB",
    };

    public PrivateServer Server { get; } = new(
        Path.Combine(Path.GetTempPath(), $"{FolderPrefix}{Environment.ProcessId}"),
        new PrivateServerOptions { Settings = Settings });

    /// <summary>Settings of the superuser; the database is the server's own <c>streaming_db</c>.</summary>
    public NpgsqlConnectionStringBuilder SuperuserSettings =>
        Server.GetConnectionSettings() ?? throw new InvalidOperationException("The test server does not run.");

    public async ValueTask InitializeAsync()
    {
        await DestroyAbandonedAsync();
        await Server.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync() => await Server.DestroyAsync(CancellationToken.None);

    /// <summary>An empty database of the test's own; disposing drops it.</summary>
    /// <param name="schema">Schema that its connections name; it is not created.</param>
    public async Task<TestDatabase> CreateDatabaseAsync(string schema = SettingsResolver.DefaultSchema)
    {
        var database = new TestDatabase(SuperuserSettings, $"test_{Guid.NewGuid():N}", schema);
        await database.CreateAsync();
        return database;
    }

    /// <summary>A test run that was killed could not delete its server; its process id is in the folder's name.</summary>
    private static async Task DestroyAbandonedAsync()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), FolderPrefix + "*"))
        {
            var owner = int.Parse(Path.GetFileName(folder)[FolderPrefix.Length..], CultureInfo.InvariantCulture);
            if (owner == Environment.ProcessId || !Process.GetProcesses().Any(process => process.Id == owner))
            {
                await new PrivateServer(folder).DestroyAsync(CancellationToken.None);
            }
        }
    }
}
