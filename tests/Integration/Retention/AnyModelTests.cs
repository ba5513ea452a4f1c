using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Retention;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Retention;

/// <summary>Retention of other models than the default one, and of tables that others have changed.</summary>
[Collection(SecondPostgres.Name)]
public sealed class AnyModelTests(PostgresFixture postgres)
{
    private static readonly RetentionOptions OlderThanTenDays = new() { OlderThan = TimeSpan.FromDays(10) };

    // Orders age by themselves; lines have no time and go by their order; products and countries are lists.
    private const string Orders =
        """
        {
          "countries": {"columns": {"code": {"type": "VARCHAR(2)", "primary_key": true}}},
          "orders": {RETENTION "columns": {
            "number": {"type": "INTEGER", "primary_key": true},
            "country": {"type": "VARCHAR(2)", "foreign_key": {"table": "countries", "column": "code"}},
            "placed": {"type": "TIMESTAMP"}}},
          "order lines": {"columns": {
            "order": {"type": "INTEGER", "primary_key": true, "foreign_key": {"table": "orders", "column": "number"}},
            "line": {"type": "INTEGER", "primary_key": true}}},
          "notes": {"columns": {
            "id": {"type": "UUID", "primary_key": true},
            "order": {"type": "INTEGER", "foreign_key": {"table": "orders", "column": "number"}}}}
        }
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Rows_without_a_time_go_with_what_they_refer_to(int chunkSize)
    {
        var model = Model();
        await using var database = await CreateOrdersAsync(model);

        var results = await RemovalHelper.RemoveAsync(database.Connection, OlderThanTenDays with { ChunkSize = chunkSize }, model);

        // 21 orders, one per day: those of 11 to 20 days ago are old (the tenth was placed a moment less than ten days ago); two have no time.
        Assert.Equal((10, 10), (results["orders"].Examined, results["orders"].Removed));
        Assert.Equal(30, results["order lines"].Removed);
        Assert.Equal(10, results["notes"].Removed);
        Assert.Equal((null, 0), (results["countries"].Before, results["countries"].Examined));
        Assert.Equal("countries", results.Keys.Last());
        foreach (var (table, left) in new[] { ("countries", 2L), ("orders", 13L), ("order lines", 33L), ("notes", 12L) })
        {
            Assert.Equal((table, left), (table, await database.CountAsync(table)));
        }
    }

    [Fact]
    public async Task The_model_may_say_the_retention_of_each_table()
    {
        var model = Model("\"retention\": \"15 days\", ");
        await using var database = await CreateOrdersAsync(model);

        var results = await RemovalHelper.RemoveAsync(database.Connection, new RetentionOptions(), model);

        Assert.Equal((5, 5), (results["orders"].Examined, results["orders"].Removed));
        Assert.Equal((15, 5), (results["order lines"].Removed, results["notes"].Removed));

        // What the user asks goes before it.
        Assert.Equal(5, (await RemovalHelper.RemoveAsync(database.Connection, OlderThanTenDays, model))["orders"].Removed);
    }

    [Fact]
    public async Task Rows_that_a_table_outside_the_model_refers_to_stay()
    {
        var model = Model();
        await using var database = await CreateOrdersAsync(model);
        await database.ExecuteAsync("""
            CREATE SCHEMA other;
            CREATE TABLE other.invoices (o integer REFERENCES streaming.orders ON DELETE CASCADE);
            INSERT INTO other.invoices VALUES (15), (16), (3)
            """);

        var counted = await RetentionRunner.CountAsync(database.Connection, model, OlderThanTenDays, CancellationToken.None);
        var results = await RemovalHelper.RemoveAsync(database.Connection, OlderThanTenDays, model);

        Assert.Equal((10, 8, 2), (results["orders"].Examined, results["orders"].Removed, results["orders"].Kept));
        Assert.Equal(8, counted.Single(table => table.Table == "orders").Removed);
        Assert.Equal(3L, await database.ScalarAsync<long>("SELECT count(*) FROM other.invoices"));
    }

    [Fact]
    public async Task Rows_that_refer_to_each_other_go_from_the_last_to_the_first()
    {
        var model = MetadataReader.Parse("""
            {"tree": {"columns": {"id": {"type": "INTEGER", "primary_key": true}, "above": {"type": "INTEGER"}, "made": {"type": "TIMESTAMP"}}}}
            """);
        await using var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        await database.ExecuteAsync("""
            ALTER TABLE streaming.tree ADD FOREIGN KEY (above) REFERENCES streaming.tree (id);
            INSERT INTO streaming.tree SELECT n, nullif(n - 1, 0), now() - interval '20 days' FROM generate_series(1, 10) AS n;
            INSERT INTO streaming.tree VALUES (100, 4, now())
            """);

        var tree = (await RemovalHelper.RemoveAsync(database.Connection, OlderThanTenDays, model))["tree"];

        Assert.Equal((10, 6, 4), (tree.Examined, tree.Removed, tree.Kept));
        Assert.Equal(5L, await database.CountAsync("tree"));
    }

    [Fact]
    public async Task Partitions_are_gone_through_as_one_table()
    {
        var model = MetadataReader.Parse("""
            {"log": {"columns": {"id": {"type": "INTEGER", "primary_key": true}, "made": {"type": "TIMESTAMP"}}}}
            """);
        await using var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        await database.ExecuteAsync("""
            DROP TABLE streaming.log;
            CREATE TABLE streaming.log (id integer PRIMARY KEY, made timestamp) PARTITION BY RANGE (id);
            CREATE TABLE streaming.l1 PARTITION OF streaming.log FOR VALUES FROM (0) TO (500);
            CREATE TABLE streaming.l2 PARTITION OF streaming.log FOR VALUES FROM (500) TO (2000);
            INSERT INTO streaming.log SELECT n, now() - (n % 20) * interval '1 day' - interval '1 hour' FROM generate_series(1, 1000) AS n
            """);

        var log = (await RemovalHelper.RemoveAsync(database.Connection, OlderThanTenDays with { ChunkSize = 90 }, model))["log"];

        Assert.Equal((500, 500, 0), (log.Examined, log.Removed, log.Kept));
        Assert.Equal(500L, await database.ScalarAsync<long>("SELECT count(*) FROM streaming.log WHERE made > now() - interval '10 days'"));
    }

    private static StreamModel Model(string retention = "") => MetadataReader.Parse(Orders.Replace("RETENTION ", retention, StringComparison.Ordinal));

    private async Task<TestDatabase> CreateOrdersAsync(StreamModel model)
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        await database.ExecuteAsync("""
            INSERT INTO streaming.countries VALUES ('DE'), ('FR');
            INSERT INTO streaming.orders SELECT n, 'DE', (now() AT TIME ZONE 'UTC') - n * interval '1 day' + interval '1 hour' FROM generate_series(0, 20) AS n;
            INSERT INTO streaming.orders VALUES (100, 'FR', NULL), (101, NULL, NULL);
            INSERT INTO streaming."order lines" SELECT n, line FROM generate_series(0, 20) AS n, generate_series(1, 3) AS line;
            INSERT INTO streaming.notes SELECT gen_random_uuid(), n FROM generate_series(0, 20) AS n;
            INSERT INTO streaming.notes VALUES (gen_random_uuid(), NULL)
            """);
        return database;
    }
}
