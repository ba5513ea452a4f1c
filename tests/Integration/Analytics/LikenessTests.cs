using StreamingPg.Core.Analytics;
using StreamingPg.Core.Discovery;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Analytics;

/// <summary>How alike generated columns are to real ones: known distances, and a twin that is learned from real tables.</summary>
[Collection(SharedPostgres.Name)]
public sealed class LikenessTests(PostgresFixture postgres)
{
    // Of two tables whose distributions differ by known distances.
    private const string Known =
        """
        CREATE SCHEMA fake; CREATE SCHEMA "real.one";
        CREATE TABLE fake.buyer (id integer PRIMARY KEY); CREATE TABLE "real.one".buyer (id integer PRIMARY KEY);
        INSERT INTO fake.buyer SELECT generate_series(1, 400); INSERT INTO "real.one".buyer SELECT generate_series(1, 500);
        CREATE TABLE fake.sale (id serial PRIMARY KEY, buyer_id integer REFERENCES fake.buyer, state text, amount numeric(8,2), stars smallint, note text, gift boolean,
            made timestamp, email text, birth_date date, extra integer, key uuid);
        CREATE TABLE "real.one".sale (id serial PRIMARY KEY, buyer_id integer REFERENCES "real.one".buyer, state varchar(9), amount integer, stars smallint, note text, gift boolean,
            made timestamptz, email text, birth_date date, key uuid);
        INSERT INTO fake.sale (buyer_id, state, amount, stars, note, gift, made, email, birth_date, key)
        SELECT CASE WHEN i <= 300 THEN (i + 2) / 3 + 200 ELSE i - 300 + 0 END, CASE WHEN i % 2 = 0 THEN 'paid' ELSE 'open' END, i + 500, i % 4, repeat('x', 10 + i % 300),
               i % 2 = 0, '2020-01-01'::timestamp + i * interval '1 hour', 'a@b.c', '1970-01-01', gen_random_uuid() FROM generate_series(1, 500) i;
        INSERT INTO "real.one".sale (buyer_id, state, amount, stars, note, gift, made, email, birth_date, key)
        SELECT (i + 1) / 2, CASE WHEN i % 10 < 7 THEN 'paid' ELSE 'lost' END, i, i % 5, i || repeat('x', 310 - length(i::text)),
               CASE WHEN i % 4 > 0 THEN i % 2 = 0 END, '2020-01-01 UTC'::timestamptz + i * interval '30 minutes', CASE WHEN i % 2 = 0 THEN 'abc@d.e' END, NULL, gen_random_uuid()
        FROM generate_series(1, 1000) i;
        """;

    [Fact]
    public async Task Distances_are_those_of_their_formulas()
    {
        await using var database = await postgres.CreateDatabaseAsync("fake");
        await database.ExecuteAsync(Known);

        var results = await ReadAsync(database, "\"real.one\".sale");

        AssertColumn(results, "state", LikenessMeasure.Categories, 0.5, likeness: 0.5); // 50 of 100 are no longer open, 30 lost, 20 less paid
        AssertColumn(results, "amount", LikenessMeasure.Quantiles, 0.5, likeness: 0.5); // 501 to 1000 against 1 to 1000
        AssertColumn(results, "stars", LikenessMeasure.Categories, 0.2, likeness: 0.8); // quarters against fifths
        AssertColumn(results, "note", LikenessMeasure.Lengths, 1, likeness: 0); // 10 to 309 characters against 310
        AssertColumn(results, "made", LikenessMeasure.Quantiles, 0, likeness: 1, tolerance: 0.003); // the same 500 hours
        AssertColumn(results, "gift", LikenessMeasure.Categories, 1 / 6.0, likeness: 0.75); // the NULLs differ by more than the values
        AssertColumn(results, "email", LikenessMeasure.Lengths, 1, likeness: 0);
        AssertColumn(results, "birth_date", LikenessMeasure.Nulls, null, likeness: 0);

        // Of 400 buyers 100 have three sales, 200 one and 100 none; of 500 each has two.
        AssertColumn(results, "buyer_id", LikenessMeasure.Children, 0.75, likeness: 0.25);
        Assert.DoesNotContain(results, result => result.Column is "id" or "key" or "extra");
        var overall = results[^1];
        Assert.Equal((LikenessMeasure.Overall, "", "real.one.sale"), (overall.Measure, overall.Column, overall.Against));
        Assert.Equal(results.SkipLast(1).Average(result => result.Likeness), overall.Likeness, 1e-12);
    }

    [Fact]
    public async Task Large_tables_are_read_by_a_sample_and_whole_schemas_by_name()
    {
        await using var database = await postgres.CreateDatabaseAsync("fake");
        await database.ExecuteAsync(
            """
            CREATE SCHEMA fake; CREATE SCHEMA real;
            CREATE TABLE fake.a (n integer) WITH (fillfactor = 10); CREATE TABLE real.a (n integer) WITH (fillfactor = 10); CREATE TABLE fake.only (n integer);
            INSERT INTO fake.a SELECT (i * 7919) % 60000 FROM generate_series(1, 60000) i; INSERT INTO real.a SELECT * FROM fake.a; ANALYZE fake.a, real.a;
            """);

        var results = await LikenessReader.ReadAsync(database.Connection, new LikenessOptions { Against = "real", SampleSize = 100 }, default);

        var column = results[0];
        Assert.Equal(("a", "n", LikenessMeasure.Quantiles), (column.Table, column.Column, column.Measure));
        Assert.InRange(column.Rows, 15_000, 35_000); // about 1,000 of 2,700 pages, though 100 rows are on five
        Assert.InRange(column.Likeness, 0.95, 1);
        Assert.Equal(2, results.Count);
    }

    [Fact]
    public async Task A_table_of_which_a_sample_has_no_rows_is_read_as_a_whole()
    {
        await using var database = await postgres.CreateDatabaseAsync("fake");
        await database.ExecuteAsync(
            """
            CREATE SCHEMA fake; CREATE SCHEMA real;
            CREATE TABLE fake.a (id integer PRIMARY KEY, n integer) WITH (fillfactor = 10); CREATE TABLE real.a (id integer PRIMARY KEY, n integer);
            CREATE TABLE fake.b (a_id integer REFERENCES fake.a); CREATE TABLE real.b (a_id integer REFERENCES real.a);
            INSERT INTO fake.a SELECT i, i FROM generate_series(1, 60000) i; ANALYZE fake.a; DELETE FROM fake.a WHERE id > 15;
            INSERT INTO real.a SELECT * FROM fake.a; INSERT INTO fake.b SELECT id FROM fake.a; INSERT INTO real.b SELECT id FROM fake.a;
            """);

        var results = await LikenessReader.ReadAsync(database.Connection, new LikenessOptions { Against = "real", SampleSize = 100 }, default);

        Assert.Equal([("n", 15, 1), ("a_id", 15, 1), ("", 0, 1)], results.Select(result => (result.Column, (int)result.Rows, result.Likeness)));
    }

    [Fact]
    public async Task Few_values_are_alike_whatever_their_types_and_collations()
    {
        await using var database = await postgres.CreateDatabaseAsync("fake");
        await database.ExecuteAsync(
            """
            CREATE SCHEMA fake; CREATE SCHEMA real;
            CREATE TABLE fake.a (price numeric(10,2), ratio real, due date, made timestamp, state text COLLATE "C");
            CREATE TABLE real.a (price integer, ratio numeric(4,1), due timestamp, made timestamptz, state text COLLATE "POSIX");
            INSERT INTO fake.a SELECT i % 5, i % 5 + 0.1, '2024-01-01'::date + i % 5, '2024-01-01'::timestamp + i % 5 * interval '1 hour', i % 5 FROM generate_series(1, 100) i;
            INSERT INTO real.a SELECT i % 5, i % 5 + 0.1, '2024-01-01'::date + i % 5, '2024-01-01 UTC'::timestamptz + i % 5 * interval '1 hour', i % 5 FROM generate_series(1, 200) i;
            """);

        var results = await ReadAsync(database, "real");

        Assert.Equal(["price", "ratio", "due", "made", "state", ""], results.Select(result => result.Column));
        Assert.All(results.SkipLast(1), result => Assert.Equal((LikenessMeasure.Categories, 1), (result.Measure, result.Likeness)));
    }

    [Theory]
    [InlineData("nowhere", "SchemaNotFound")]
    [InlineData("real.nothing", "TableNotFound")]
    [InlineData("other", "NothingToCompare")]
    [InlineData("fake", "NothingToCompare")]
    [InlineData("fake.a", "NothingToCompare")]
    [InlineData("real.", "NothingToCompare")]
    [InlineData("a.b.c", "NothingToCompare")]
    public async Task What_cannot_be_compared_is_refused(string against, string error)
    {
        await using var database = await postgres.CreateDatabaseAsync("fake");
        await database.ExecuteAsync("CREATE SCHEMA fake; CREATE TABLE fake.a (n integer); CREATE SCHEMA real; CREATE TABLE real.a (n integer); CREATE SCHEMA other; CREATE TABLE other.b (n integer)");

        Assert.Equal(error, (await Assert.ThrowsAsync<StreamingException>(() => ReadAsync(database, against))).ErrorId);
    }

    // A shop of 3 countries, 2,000 customers, 0 to 9 orders each, 1 to 3 lines each, and a profile for every second customer.
    private const string Shop =
        """
        CREATE SCHEMA real;
        CREATE TABLE real.countries (code char(2) PRIMARY KEY);
        CREATE TABLE real.customers (id serial PRIMARY KEY, country char(2) NOT NULL REFERENCES real.countries, motto text NOT NULL);
        CREATE TABLE real.profiles (customer_id integer PRIMARY KEY REFERENCES real.customers, points integer);
        CREATE TABLE real.orders (id serial PRIMARY KEY, customer_id integer NOT NULL REFERENCES real.customers, state text NOT NULL, total numeric(10,2), made timestamp NOT NULL);
        CREATE TABLE real.lines (order_id integer REFERENCES real.orders, line_no smallint, customer_id integer NOT NULL REFERENCES real.customers, quantity integer NOT NULL, PRIMARY KEY (order_id, line_no));
        CREATE TABLE real.friends (a integer REFERENCES real.customers, b integer REFERENCES real.customers, PRIMARY KEY (a, b));
        CREATE TABLE real.nothing (id serial PRIMARY KEY);
        INSERT INTO real.countries VALUES ('DE'), ('FR'), ('GB');
        INSERT INTO real.customers (country, motto) SELECT (ARRAY['DE','DE','DE','FR','GB'])[1 + i % 5], i || repeat('m', i % 40) FROM generate_series(1, 2000) i;
        INSERT INTO real.profiles SELECT id, id % 500 FROM real.customers WHERE id % 2 = 0;
        INSERT INTO real.orders (customer_id, state, total, made)
        SELECT c.id, CASE WHEN n % 5 = 0 THEN 'open' ELSE 'paid' END, CASE WHEN n % 10 > 0 THEN (c.id * n) % 997 END, '2024-01-01'::timestamp + (c.id * n) % 8000 * interval '1 hour'
        FROM real.customers c CROSS JOIN LATERAL generate_series(1, CASE WHEN c.id % 10 < 5 THEN 0 ELSE c.id % 10 END) n;
        INSERT INTO real.lines SELECT o.id, n, o.customer_id, 1 + (o.id * n) % 9 FROM real.orders o CROSS JOIN LATERAL generate_series(1, 1 + o.id % 3) n;
        INSERT INTO real.friends SELECT id, 1 + (id * 7) % 2000 FROM real.customers WHERE id % 2 = 0;
        ANALYZE real.countries, real.customers, real.profiles, real.orders, real.lines, real.friends, real.nothing;
        """;

    [Fact]
    public async Task A_twin_is_small_and_like_its_original()
    {
        await using var database = await postgres.CreateDatabaseAsync("twin");
        await database.ExecuteAsync(Shop);
        var learned = await SchemaDiscovery.ReadAsync(database.Connect("real"), new DiscoveryOptions { LearnFrom = true, Scale = 0.2 }, default);
        var model = MetadataReader.Parse(learned.Json);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, default);

        await BatchRunner.RunAsync(
            database.Connection, model, new BatchOptions { Rows = new Dictionary<string, long>(), RowsOfMetadata = true, Seed = 1 }, progress: null, default);

        Assert.Equal((1, 400, 200, 0), (
            await database.CountAsync("countries"), await database.CountAsync("customers"), await database.CountAsync("profiles"), await database.CountAsync("nothing")));
        Assert.Equal(200, await database.CountAsync("friends"));
        Assert.InRange(await database.CountAsync("orders"), 1150, 1650); // 7,000 x 0.2, more or less by chance
        Assert.InRange(await database.CountAsync("lines"), 2200, 3400); // 14,000 x 0.2
        var results = await LikenessReader.ReadAsync(database.Connection, new LikenessOptions { Against = "real" }, default);
        Assert.All(
            results.Where(result => (result.Table, result.Column) is not ("customers" or "orders" or "lines" or "profiles", "country" or "customer_id") and not ("friends", _) && result.Table != "countries"),
            result => Assert.True(result.Likeness > 0.85, $"{result.Table}.{result.Column}: {result}"));
        Assert.InRange(results.Single(result => (result.Table, result.Column) == ("orders", "customer_id")).Likeness, 0.9, 1);
    }

    [Fact]
    public async Task A_twin_of_the_shop_is_as_sound_as_the_shop()
    {
        await using var database = await postgres.CreateDatabaseAsync("twin");
        await using var shop = database.Connect("real");
        await SchemaInitializer.InitializeAsync(shop, MetadataReader.Default, planOnly: false, default);
        var rows = new Dictionary<string, long> { ["users"] = 300, ["transactions"] = 1500, ["detailed_transactions"] = 4000 };
        await BatchRunner.RunAsync(shop, MetadataReader.Default, new BatchOptions { Rows = rows, Seed = 1 }, progress: null, default);
        await database.ExecuteAsync("ANALYZE");
        var learned = await SchemaDiscovery.ReadAsync(shop, new DiscoveryOptions { LearnFrom = true, Scale = 0.5 }, default);
        var model = MetadataReader.Parse(learned.Json);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, default);
        await BatchRunner.RunAsync(
            database.Connection, model, new BatchOptions { Rows = new Dictionary<string, long>(), RowsOfMetadata = true, Seed = 2 }, progress: null, default);

        // Sums are sums, and no row precedes its parent, though each column was learned by itself.
        await foreach (var result in IntegrityChecker.CheckAsync(database.Connection, model, default))
        {
            Assert.True(result.Status < IntegrityStatus.Broken, $"{result.Check}: {result.Count}");
        }

        var results = await LikenessReader.ReadAsync(database.Connection, new LikenessOptions { Against = "real" }, default);
        Assert.All(results, result => Assert.True(result.Likeness > 0.75, $"{result.Table}.{result.Column}: {result}"));
    }

    private static async Task<IReadOnlyList<ColumnLikeness>> ReadAsync(TestDatabase database, string against) =>
        await LikenessReader.ReadAsync(database.Connection, new LikenessOptions { Against = against }, CancellationToken.None);

    private static void AssertColumn(
        IReadOnlyList<ColumnLikeness> results, string column, LikenessMeasure measure, double? distance, double likeness, double tolerance = 1e-9)
    {
        var result = results.Single(result => result.Column == column);
        Assert.Equal(measure, result.Measure);
        Assert.Equal(distance is null, result.Distance is null);
        Assert.True(Math.Abs((result.Distance - distance) ?? 0) <= tolerance, $"{column}: {result.Distance}");
        Assert.True(Math.Abs(result.Likeness - likeness) <= tolerance, $"{column}: {result}");
    }
}
