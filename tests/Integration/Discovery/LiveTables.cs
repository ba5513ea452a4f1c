using StreamingPg.Core.Discovery;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Discovery;

/// <summary>A schema <c>shop</c> with tables made by SQL, read back as metadata.</summary>
internal static class LiveTables
{
    public const string Schema = "shop";

    public static async Task<TestDatabase> CreateAsync(PostgresFixture postgres, string sql)
    {
        var database = await postgres.CreateDatabaseAsync(Schema);
        await database.ExecuteAsync($"CREATE SCHEMA {Schema}; SET search_path = {Schema}; {sql}; RESET search_path");
        return database;
    }

    public static Task<DiscoveredMetadata> ReadAsync(TestDatabase database, params string[] tables) =>
        SchemaDiscovery.ReadAsync(database.Connection, new DiscoveryOptions { Tables = tables }, CancellationToken.None);

    /// <summary>The document as a model: it must be one that any command takes.</summary>
    public static StreamModel Model(DiscoveredMetadata metadata) => MetadataReader.Parse(metadata.Json, "live");
}
