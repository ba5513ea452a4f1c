using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Relations;

/// <summary>A database with the tables of a model, and what tests of relations ask of it.</summary>
internal sealed class RelationDatabase : IAsyncDisposable
{
    private int _batches;

    private RelationDatabase(TestDatabase database, StreamModel model)
    {
        Database = database;
        Model = model;
    }

    public TestDatabase Database { get; }

    public StreamModel Model { get; }

    public DatabaseConnection Connection => Database.Connection;

    public static Task<RelationDatabase> CreateAsync(PostgresFixture postgres, string json) =>
        CreateAsync(postgres, MetadataReader.Parse(json));

    public static async Task<RelationDatabase> CreateAsync(PostgresFixture postgres, StreamModel model)
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        return new RelationDatabase(database, model);
    }

    /// <summary>Loads a batch, the same in each run of the tests.</summary>
    public Task<BatchResult> LoadAsync(ForeignKeyCheck check, params (string Table, long Rows)[] rows) =>
        LoadAsync(new BatchOptions { Rows = rows.ToDictionary(table => table.Table, table => table.Rows), ForeignKeyCheck = check, Seed = ++_batches });

    public Task<BatchResult> LoadAsync(BatchOptions options) =>
        BatchRunner.RunAsync(Connection, Model, options, progress: null, CancellationToken.None);

    /// <summary>Counts rows of a query; <c>{table}</c> is replaced by the quoted name of the table in the schema.</summary>
    public Task<long> CountAsync(string sql)
    {
        foreach (var table in Model.Tables)
        {
            sql = sql.Replace($"{{{table.Name}}}", Connection.Quote(table.Name), StringComparison.Ordinal);
        }

        return Database.ScalarAsync<long>($"SELECT count(*) FROM ({sql}) AS counted");
    }

    /// <summary>No check of Test-StreamingIntegrity, warnings included, finds anything; keys are unique and refer.</summary>
    public async Task AssertSoundAsync()
    {
        await foreach (var result in IntegrityChecker.CheckAsync(Connection, Model, CancellationToken.None))
        {
            Assert.True(result.Status < IntegrityStatus.Broken, $"{result.Check}: {result.Count} ({string.Join(", ", result.SampleKeys)})");
        }

        foreach (var table in Model.Tables)
        {
            foreach (var columns in table.UniqueKeys.Prepend(table.PrimaryKey))
            {
                var names = Identifier.QuoteList(columns);
                var complete = string.Join(" AND ", columns.Select(column => $"{Identifier.Quote(column)} IS NOT NULL"));
                Assert.Equal(
                    0, await CountAsync($"SELECT {names} FROM {{{table.Name}}} WHERE {complete} GROUP BY {names} HAVING count(*) > 1"));
            }
        }
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
