using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Loading;

/// <summary>Parents with values that .NET has no types for do not stop a batch.</summary>
[Collection(SharedPostgres.Name)]
public sealed class OddParentTests(PostgresFixture postgres)
{
    private const string Metadata = """
        {"parents": {"columns": {
            "at": {"type": "TIMESTAMPTZ", "primary_key": true, "min": "2001-01-01", "max": "2002-01-01"}, "day": {"type": "DATE", "primary_key": true},
            "born_at": {"type": "TIMESTAMP"}, "clock": {"type": "TIME"}, "n": {"type": "NUMERIC"}, "d": {"type": "DOUBLE PRECISION"} } },
         "children": {"columns": {
            "id": {"type": "UUID", "primary_key": true}, "at": {"type": "TIMESTAMPTZ"}, "day": {"type": "DATE"},
            "seen": {"type": "DATE", "after": "parents.day"} },
            "foreign_keys": [{"columns": ["at", "day"], "table": "parents", "parent_columns": ["at", "day"]}] } }
        """;

    [Theory]
    [InlineData(40, 100_000)]
    [InlineData(4000, 1000)]
    public async Task Batches_refer_to_infinite_times_to_those_before_Christ_and_to_no_numbers(int rows, int chunkSize)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse(Metadata);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, default);
        await database.ExecuteAsync("""
            INSERT INTO streaming.parents (at, day, born_at, clock, n, d) VALUES
                ('-infinity', '-infinity', '-infinity', '24:00', 'NaN', 'NaN'),
                ('0044-03-15 12:00+00 BC', '0044-03-15 BC', '0044-03-15 BC', '00:00', '-Infinity', '-Infinity'),
                ('2020-01-01 00:00:00.000001+00', '2020-01-01', '2020-01-01', '00:00', 1e40, 1e300),
                ('2020-01-01 00:00:00.000002+00', '2020-01-01', '2020-01-01', '00:00', 1, 1)
            """);

        await BatchRunner.RunAsync(
            database.Connection,
            model,
            new BatchOptions { Rows = new Dictionary<string, long> { ["children"] = rows }, ChunkSize = chunkSize },
            progress: null,
            default);

        Assert.Equal(rows, await database.CountAsync("children"));
        Assert.Equal(4L, await database.ScalarAsync<long>("SELECT count(DISTINCT (at, day)) FROM streaming.children JOIN streaming.parents USING (at, day)"));
    }

    [Fact]
    public async Task A_shop_goes_on_growing_beside_such_users_and_transactions()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync(5, 5, 5);
        await shop.Database.ExecuteAsync("""
            UPDATE streaming.users SET registration_date = (ARRAY['-infinity', '0044-03-15 BC', 'infinity', NULL, '2020-01-01'])[1 + n % 5]::timestamp
            FROM (SELECT user_id AS id, row_number() OVER (ORDER BY user_id) AS n FROM streaming.users) AS numbered WHERE user_id = id;
            UPDATE streaming.transactions SET amount = 'NaN', transaction_date = '-infinity';
            UPDATE streaming.detailed_transactions SET unit_price = 'NaN'
            """);

        await shop.LoadAsync(0, 20, 0);
        await shop.LoadAsync(0, 0, 50);
        await shop.LoadAsync(2, 20, 50);

        Assert.Equal((7L, 45L, 105L), await shop.CountAsync() is var count ? (count.Users, count.Transactions, count.Details) : default);
    }
    /// <summary>Of a thousand transactions six have a user: whoever looked at some and left out those without would find none.</summary>
    [Fact]
    public async Task Lines_refer_to_no_transaction_that_lost_its_user()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync(3, 1000, 0);
        await shop.Database.ExecuteAsync("""
            UPDATE streaming.transactions SET user_id = NULL
            WHERE transaction_id NOT IN (SELECT transaction_id FROM streaming.transactions ORDER BY transaction_id LIMIT 6)
            """);

        await shop.LoadAsync(0, 0, 10);
        await shop.LoadAsync(0, 0, 2000);

        Assert.Equal(2010L, await shop.Database.ScalarAsync<long>(
            "SELECT count(*) FROM streaming.detailed_transactions JOIN streaming.transactions USING (transaction_id, user_id)"));
        await shop.Database.ExecuteAsync("UPDATE streaming.transactions SET user_id = NULL");
        var error = await Assert.ThrowsAsync<StreamingException>(() => shop.LoadAsync(0, 0, 10));
        Assert.Contains("transactions", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Verification", error.Message, StringComparison.Ordinal);
    }
}
