using StreamingPg.Core.Discovery;
using StreamingPg.Core.Filling;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Discovery;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Schemas;

/// <summary>A schema <c>shop</c> made by SQL, and the ways to fill it.</summary>
internal static class FilledSchema
{
    /// <summary>Fills a schema by the one command, several times over, with the same values in each run of the tests.</summary>
    /// <returns>What each time said of each table.</returns>
    public static async Task<List<Dictionary<string, TableFillResult>>> FillAsync(TestDatabase database, int times, FillOptions? options = null)
    {
        var results = new List<Dictionary<string, TableFillResult>>();
        for (var time = 0; time < times; time++)
        {
            var tables = new Dictionary<string, TableFillResult>(StringComparer.Ordinal);
            var seeded = (options ?? new FillOptions()) with { Seed = options?.Seed ?? time + 1, ReferenceTime = options?.ReferenceTime ?? DateTime.UtcNow };
            await foreach (var table in FillRunner.RunAsync(database.Connection, seeded, CancellationToken.None))
            {
                tables.Add(table.Table, table);
                if (table.Status is FillStatus.Filled)
                {
                    Assert.Equal(table.Requested, table.Made);
                }
            }

            results.Add(tables);
        }

        return results;
    }

    /// <summary>Reads the schema as metadata, and loads ordinary batches three times with the same counts.</summary>
    public static async Task<StreamModel> BatchAsync(TestDatabase database, params (string Table, long Rows)[] rows)
    {
        var model = MetadataReader.Parse((await SchemaDiscovery.ReadAsync(database.Connection, new DiscoveryOptions(), CancellationToken.None)).Json, "live");
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        for (var time = 0; time < 3; time++)
        {
            var result = await BatchRunner.RunAsync(
                database.Connection,
                model,
                new BatchOptions { Rows = rows.ToDictionary(table => table.Table, table => table.Rows), RowsOfMetadata = rows.Length == 0, Seed = 1, ReferenceTime = DateTime.UtcNow },
                progress: null,
                CancellationToken.None);
            Assert.Equal(0, result.Retries);
        }

        await foreach (var check in IntegrityChecker.CheckAsync(database.Connection, model, CancellationToken.None))
        {
            Assert.True(check.Status < IntegrityStatus.Broken, check.Check);
        }

        return model;
    }

    public static Task<TestDatabase> CreateAsync(PostgresFixture postgres, string sql) => LiveTables.CreateAsync(postgres, sql);
}
