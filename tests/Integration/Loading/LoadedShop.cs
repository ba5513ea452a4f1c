using StreamingPg.Core.Connections;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Loading;

/// <summary>A database with the default tables, and what tests of loading ask of it.</summary>
internal sealed class LoadedShop : IAsyncDisposable
{
    private LoadedShop(TestDatabase database) => Database = database;

    public TestDatabase Database { get; }

    public DatabaseConnection Connection => Database.Connection;

    public static async Task<LoadedShop> CreateAsync(PostgresFixture postgres, string schema = "streaming") =>
        await InitializeAsync(await postgres.CreateDatabaseAsync(schema));

    /// <summary>On the private server, for tests that look at its files.</summary>
    public static async Task<LoadedShop> CreatePrivateAsync(PostgresFixture postgres) =>
        await InitializeAsync(await postgres.CreatePrivateDatabaseAsync());

    private static async Task<LoadedShop> InitializeAsync(TestDatabase database)
    {
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        return new LoadedShop(database);
    }

    public static BatchOptions Options(long users, long transactions, long details) => new()
    {
        Rows = new Dictionary<string, long> { ["users"] = users, ["transactions"] = transactions, ["detailed_transactions"] = details },
    };

    public Task<BatchResult> LoadAsync(long users = 10, long transactions = 30, long details = 100) => LoadAsync(Options(users, transactions, details));

    public Task<BatchResult> LoadAsync(BatchOptions options, DatabaseConnection? connection = null) =>
        BatchRunner.RunAsync(connection ?? Connection, MetadataReader.Default, options, progress: null, CancellationToken.None);

    /// <summary>Rows of users, transactions, detailed_transactions and the ledger.</summary>
    public async Task<(long Users, long Transactions, long Details, long Ledger)> CountAsync() => (
        await Database.CountAsync("users"),
        await Database.CountAsync("transactions"),
        await Database.CountAsync("detailed_transactions"),
        await Database.CountAsync("batch_ledger"));

    /// <summary>No check of Test-StreamingIntegrity, warnings included, finds anything.</summary>
    public async Task AssertSoundAsync()
    {
        await foreach (var result in IntegrityChecker.CheckAsync(Connection, MetadataReader.Default, CancellationToken.None))
        {
            Assert.True(result.Status < IntegrityStatus.Broken, $"{result.Check}: {result.Count} ({string.Join(", ", result.SampleKeys)})");
        }
    }

    /// <summary>A hash over every value of each table.</summary>
    public async Task<string> HashAsync()
    {
        var hashes = new List<string>();
        foreach (var (table, key) in new[] { ("users", "user_id"), ("transactions", "transaction_id"), ("detailed_transactions", "id") })
        {
            hashes.Add(await Database.ScalarAsync<string>(
                $"SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' ORDER BY {key}), '')) FROM {Connection.Quote(table)} AS t"));
        }

        return string.Join(", ", hashes);
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
