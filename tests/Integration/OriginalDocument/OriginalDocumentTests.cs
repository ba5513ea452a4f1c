using System.Text.Json.Nodes;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.OriginalDocument;

/// <summary>What the original document shows works on our tables, run through psql as it is written there.</summary>
[Collection(SharedPostgres.Name)]
public sealed class OriginalDocumentTests(PostgresFixture postgres)
{
    [Fact]
    public void The_default_metadata_is_that_of_the_document_with_rules_for_the_rows()
    {
        using var stream = typeof(MetadataReader).Assembly.GetManifestResourceStream("metadata.json")!;
        var metadata = JsonNode.Parse(stream)!;
        foreach (var (_, table) in metadata.AsObject())
        {
            Assert.True(table!.AsObject().Remove("rows_per_batch"));
        }

        Assert.True(metadata["transactions"]!["columns"]!["amount"]!.AsObject().Remove("sum_of"));
        Assert.True(metadata["detailed_transactions"]!["columns"]!["created_at"]!.AsObject().Remove("after"));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(DocumentStatements.Metadata), metadata));
    }

    [Fact]
    public async Task Every_statement_runs_on_tables_made_by_the_document()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA streaming");
        Assert.Equal(3, DocumentStatements.CreateTables.Count);
        foreach (var statement in DocumentStatements.CreateTables)
        {
            Assert.Equal("CREATE TABLE", await Psql.RunAsync(database, statement));
        }

        await LoadThreeBatchesAsync(database);
        await AssertQueriesRunAsync(database);
    }

    [Fact]
    public async Task Every_statement_runs_on_tables_made_by_us()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await LoadThreeBatchesAsync(database);
        await AssertQueriesRunAsync(database);
    }

    /// <summary>Makes what is missing and runs three batches of the usual size.</summary>
    private static async Task LoadThreeBatchesAsync(TestDatabase database)
    {
        await SchemaInitializer.InitializeAsync(
            database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        var options = new BatchOptions
        {
            Rows = new Dictionary<string, long> { ["users"] = 10, ["transactions"] = 30, ["detailed_transactions"] = 100 },
        };
        for (var batch = 1; batch <= 3; batch++)
        {
            await BatchRunner.RunAsync(
                database.Connection, MetadataReader.Default, options, progress: null, CancellationToken.None);
            Assert.Equal(
                (10L * batch, 30L * batch, 100L * batch),
                (await database.CountAsync("users"), await database.CountAsync("transactions"), await database.CountAsync("detailed_transactions")));
        }
    }

    private static async Task AssertQueriesRunAsync(TestDatabase database)
    {
        Assert.Equal(11, DocumentStatements.Queries.Count);
        var results = new List<string>();
        foreach (var query in DocumentStatements.Queries)
        {
            results.Add(await Psql.RunAsync(database, query));
        }

        Assert.All(results, Assert.NotEmpty);
        Assert.Contains("Total Users|30\nTotal Transactions|90\nTotal Detailed Transactions|300", results);
        Assert.Equal(2, results.Count(result => result == "Users|30\nTransactions|90\nDetailed Transactions|300"));
        Assert.Contains("Orphaned Transactions|0\nOrphaned Detailed Transactions|0", results);
    }
}
