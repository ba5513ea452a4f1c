using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;
using static StreamingPg.Tests.Integration.Discovery.LiveTables;

namespace StreamingPg.Tests.Integration.Discovery;

/// <summary>Tables of a kind that schemas of others have, each once a fault.</summary>
[Collection(SharedPostgres.Name)]
public sealed class OddTablesTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(50)]
    [InlineData(5000)]
    public async Task Partitions_whose_key_is_no_range(long rows)
    {
        await using var filled = await FillAsync(
            """
            CREATE TABLE event (at timestamptz NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, kind text NOT NULL, PRIMARY KEY (at, id)) PARTITION BY RANGE (at);
            CREATE TABLE event_old PARTITION OF event FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
            CREATE TABLE event_new PARTITION OF event FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
            """,
            ("event", rows));

        Assert.Equal(rows, await filled.ScalarAsync<long>("SELECT count(*) FROM shop.event"));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5000)]
    public async Task A_tree_with_a_generated_column_and_short_texts_that_are_unique_within_a_parent(long rows)
    {
        await using var filled = await FillAsync(
            """
            CREATE TABLE org (id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY, code text UNIQUE CHECK (length(code) BETWEEN 2 AND 6));
            CREATE TABLE member (
                id uuid PRIMARY KEY, org_id int NOT NULL REFERENCES org, boss uuid REFERENCES member,
                nick text NOT NULL CHECK (length(nick) BETWEEN 3 AND 8), len int GENERATED ALWAYS AS (length(nick)) STORED, UNIQUE (org_id, nick));
            """,
            ("org", 3),
            ("member", rows));

        Assert.Equal(2 * rows, await filled.ScalarAsync<long>("SELECT count(*) FROM shop.member"));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Schemas_of_others_in_large_batches(string sql)
    {
        await using var database = await CreateAsync(postgres, sql);
        var model = Model(await ReadAsync(database));
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        var rows = model.Tables.ToDictionary(table => table.Name, _ => 2000L);

        await BatchRunner.RunAsync(database.Connection, model, new BatchOptions { Rows = rows, ChunkSize = 7000 }, progress: null, CancellationToken.None);

        foreach (var (table, count) in rows)
        {
            Assert.Equal((table, count), (table, await database.CountAsync(table)));
        }

        await foreach (var result in IntegrityChecker.CheckAsync(database.Connection, model, CancellationToken.None))
        {
            Assert.True(result.Status < IntegrityStatus.Broken || result.Severity == IntegritySeverity.Warning, $"{result.Check}: {result.Detail}");
        }
    }

    public static TheoryData<string> Samples => [Pagila.Sql, Northwind.Sql, Chinook.Sql];

    /// <summary>Fills tables that are there, twice, the second time without the first of them.</summary>
    private async Task<TestDatabase> FillAsync(string sql, params (string Table, long Rows)[] rows)
    {
        var database = await CreateAsync(postgres, sql);
        var model = Model(await ReadAsync(database));
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        var counts = rows.ToDictionary(table => table.Table, table => table.Rows);
        await RunAsync();
        if (rows.Length > 1)
        {
            counts[rows[0].Table] = 0;
            await RunAsync();
        }

        return database;

        Task<BatchResult> RunAsync() => BatchRunner.RunAsync(
            database.Connection, model, new BatchOptions { Rows = counts }, progress: null, CancellationToken.None);
    }
}
