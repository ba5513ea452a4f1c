using System.Text.Json.Nodes;
using Npgsql;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Server;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.OriginalDocument;

/// <summary>What the original document shows works on our tables, run through psql as it is written there.</summary>
[Collection(SharedPostgres.Name)]
public sealed class OriginalDocumentTests(PostgresFixture postgres)
{
    [Fact]
    public void The_default_metadata_is_that_of_the_document()
    {
        using var stream = typeof(MetadataReader).Assembly.GetManifestResourceStream("metadata.json")!;

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(DocumentStatements.Metadata), JsonNode.Parse(stream)));
    }

    [Fact]
    public async Task Every_statement_runs_on_tables_made_by_the_document()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA streaming");
        Assert.Equal(3, DocumentStatements.CreateTables.Count);
        foreach (var statement in DocumentStatements.CreateTables)
        {
            Assert.Equal("CREATE TABLE", await RunPsqlAsync(database, statement));
        }

        await LoadAsync(database);
        await AssertQueriesRunAsync(database);
    }

    [Fact]
    public async Task Every_statement_runs_on_tables_made_by_us()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(
            database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);

        await LoadAsync(database);
        await AssertQueriesRunAsync(database);
    }

    /// <summary>As many rows as three batches of 10, 30 and 100.</summary>
    private static async Task LoadAsync(TestDatabase database) => await database.ExecuteAsync(
        """
        INSERT INTO streaming.users
            SELECT md5('u' || i)::uuid, 'User ' || i, i || '@example.com', 18 + i, 'City ' || i % 3, timestamp '2025-01-01'
            FROM generate_series(0, 29) i;
        INSERT INTO streaming.transactions
            SELECT md5('t' || i)::uuid, md5('u' || i % 30)::uuid, 10.50, timestamp '2025-02-01', 'completed'
            FROM generate_series(0, 89) i;
        INSERT INTO streaming.detailed_transactions (transaction_id, user_id, product_name, quantity, unit_price)
            SELECT md5('t' || i % 90)::uuid, md5('u' || i % 90 % 30)::uuid, 'Product ' || i % 7, 1 + i % 4, 2.25
            FROM generate_series(0, 299) i
        """);

    private static async Task AssertQueriesRunAsync(TestDatabase database)
    {
        Assert.Equal(11, DocumentStatements.Queries.Count);
        var results = new List<string>();
        foreach (var query in DocumentStatements.Queries)
        {
            results.Add(await RunPsqlAsync(database, query));
        }

        Assert.All(results, Assert.NotEmpty);
        Assert.Contains("Total Users|30\nTotal Transactions|90\nTotal Detailed Transactions|300", results);
        Assert.Equal(2, results.Count(result => result == "Users|30\nTransactions|90\nDetailed Transactions|300"));
        Assert.Contains("Orphaned Transactions|0\nOrphaned Detailed Transactions|0", results);
        Assert.Contains("Users with Transactions|30\nTransactions with Details|90", results);
    }

    /// <summary>Runs a statement and gives what psql printed, rows only; an error of psql or the server fails the test.</summary>
    private static async Task<string> RunPsqlAsync(TestDatabase database, string statement)
    {
        var result = await ProgramRunner.RunAsync(
            await FindPsqlAsync(),
            ["-X", "-v", "ON_ERROR_STOP=1", "-A", "-t", "-d", Conninfo(database.Settings()), "-c", statement],
            CancellationToken.None);
        Assert.True(result.ExitCode == 0, $"{statement}\n{result.Error}");
        return result.Output.ReplaceLineEndings("\n").Trim();
    }

    /// <summary>On PATH, or beside the server programs, which come with it.</summary>
    private static async Task<string> FindPsqlAsync() =>
        SearchPath.Find("psql")
        ?? Path.Combine(
            (await ServerBinaries.FindAsync(major: null, CancellationToken.None)).Folder, SearchPath.FileName("psql"));

    private static string Conninfo(NpgsqlConnectionStringBuilder settings) =>
        $"host='{settings.Host}' port={settings.Port} dbname='{settings.Database}' user='{settings.Username}' password='{settings.Password}'";
}
