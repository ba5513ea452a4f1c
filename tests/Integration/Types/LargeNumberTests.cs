using StreamingPg.Core.Discovery;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Discovery;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Relations;

namespace StreamingPg.Tests.Integration.Types;

/// <summary>Rows of others that have values which .NET cannot hold: numerics beyond decimal, NaN, infinity, times out of its calendar.</summary>
[Collection(SharedPostgres.Name)]
public sealed class LargeNumberTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    public async Task Rows_refer_to_numbers_of_any_size(int times)
    {
        await using var database = await RelationDatabase.CreateAsync(postgres, """
            { "p": {"columns": {"id": {"type": "DECIMAL", "primary_key": true}, "code": {"type": "DECIMAL(50,20)", "unique": true}}},
              "c": {"columns": {"id": {"type": "SERIAL", "primary_key": true}, "p": {"type": "DECIMAL", "foreign_key": {"table": "p", "column": "id"}}}},
              "one": {"columns": {"p": {"type": "DECIMAL", "primary_key": true, "foreign_key": {"table": "p", "column": "id"}}}} }
            """);
        await database.Database.ExecuteAsync("""
            INSERT INTO streaming.p VALUES ('NaN', 1), ('Infinity', 2), ('-Infinity', 'NaN'), (1e60, 123456789012345678901234567890.12345678901234567890),
                (-1234567890123456789012345678901.5, 3), (1e-40, 4), (5, 5)
            """);

        await database.LoadAsync(ForeignKeyCheck.Auto, ("c", 100 * times), ("one", 4));
        await database.LoadAsync(ForeignKeyCheck.Auto, ("c", 100 * times), ("one", 3));

        await database.AssertSoundAsync();
        Assert.Equal(7, await database.CountAsync("SELECT DISTINCT p FROM {c}"));
        Assert.Equal(7, await database.CountAsync("SELECT FROM {one} JOIN {p} ON id = p"));
    }

    [Fact]
    public async Task A_parent_with_values_out_of_the_calendar_can_be_referred_to()
    {
        await using var database = await LiveTables.CreateAsync(postgres, """
            CREATE TABLE p (id serial PRIMARY KEY, until date, since timestamp, closes time, amount numeric, lasts interval);
            INSERT INTO p (until, since, closes, amount, lasts) VALUES ('infinity', '-infinity', '24:00', 'NaN', '170000 years'), ('-infinity', NULL, '00:00', 1e70, '-1 s'), ('0044-03-15 BC', NULL, NULL, NULL, NULL);
            CREATE TABLE c (id serial PRIMARY KEY, p integer NOT NULL REFERENCES p)
            """);
        var model = LiveTables.Model(await LiveTables.ReadAsync(database));

        await LoadAsync(database, model, "c", 100);

        Assert.Equal(3, await database.ScalarAsync<long>("SELECT count(DISTINCT p) FROM shop.c"));
    }

    [Fact]
    public async Task A_parent_of_a_time_before_Christ_is_referred_to()
    {
        await using var database = await LiveTables.CreateAsync(postgres, """
            CREATE TABLE p (id serial PRIMARY KEY, founded timestamp);
            INSERT INTO p (founded) VALUES ('0753-04-21 BC');
            CREATE TABLE c (id serial PRIMARY KEY, p integer NOT NULL REFERENCES p)
            """);
        var model = LiveTables.Model(await LiveTables.ReadAsync(database));

        await LoadAsync(database, model, "c", 5);

        Assert.Equal(5, await database.CountAsync("c"));
    }

    [Fact]
    public async Task What_is_learnt_of_such_values_makes_metadata_that_fills_the_tables()
    {
        await using var database = await LiveTables.CreateAsync(postgres, """
            CREATE TABLE p (id serial PRIMARY KEY, few numeric, wide numeric(38,10), huge numeric, far numeric(60,30), until date, real real, closes time, at timestamp);
            INSERT INTO p (few, wide, huge, far, until, real, closes, at)
            SELECT CASE WHEN i % 2 = 0 THEN 'NaN' ELSE '1e50' END::numeric, 7e27 * (i % 200 - 100) / 100, i * 7e26, (i - 500) * 1.5e27,
                   CASE WHEN i % 3 = 0 THEN 'infinity' WHEN i % 3 = 1 THEN '0044-03-15 BC' END::date, CASE WHEN i % 5 = 0 THEN 'NaN' ELSE i::text END::real,
                   CASE WHEN i % 2 = 0 THEN '24:00' ELSE '08:00' END::time, 'infinity'
            FROM generate_series(1, 1000) i;
            ANALYZE p
            """);
        var metadata = await SchemaDiscovery.ReadAsync(database.Connection, new DiscoveryOptions { LearnFrom = true }, default);

        await LoadAsync(database, LiveTables.Model(metadata), "p", 500);

        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM shop.p WHERE id > 1000 AND few NOT IN ('NaN', 1e50)"));
        Assert.InRange(await database.ScalarAsync<long>("SELECT count(*) FROM shop.p WHERE id > 1000 AND few = 'NaN'"), 180, 320);
    }

    private static async Task LoadAsync(TestDatabase database, StreamModel model, string table, long rows)
    {
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, default);
        await BatchRunner.RunAsync(
            database.Connection, model, new BatchOptions { Rows = new Dictionary<string, long> { [table] = rows }, Seed = 1 }, progress: null, default);
    }
}
