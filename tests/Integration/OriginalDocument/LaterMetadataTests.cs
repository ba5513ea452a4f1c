using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.OriginalDocument;

/// <summary>The original's later configuration is taken word for word: it creates its tables and fills them.</summary>
[Collection(SharedPostgres.Name)]
public sealed class LaterMetadataTests(PostgresFixture postgres)
{
    [Fact]
    public async Task It_creates_its_tables_and_fills_them()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Load(Path.Combine(AppContext.BaseDirectory, "metadata-later.json"));

        Assert.Equal(
            ["Table users is not partitioned: \"partitions\" (created_at) is read and has no effect.",
                "Table transactions is not partitioned: \"partitions\" (timestamp) is read and has no effect.",
                "Table detailed_transactions is not partitioned: \"partitions\" (timestamp, transaction_type) is read and has no effect."],
            SchemaInitializer.NotesOf(model));
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        var options = new BatchOptions
        {
            Rows = new Dictionary<string, long> { ["users"] = 20, ["transactions"] = 60, ["detailed_transactions"] = 200 },
        };
        for (var batch = 1; batch <= 2; batch++)
        {
            await BatchRunner.RunAsync(database.Connection, model, options, progress: null, CancellationToken.None);
        }

        Assert.Equal(400, await database.CountAsync("detailed_transactions"));
        await AssertAllAsync(database, """
            FROM streaming.detailed_transactions AS d JOIN streaming.transactions AS t USING (transaction_id) JOIN streaming.users AS u ON u.user_id = t.user_id
            WHERE d.user_id = t.user_id AND d.id > 0 AND length(u.user_id) = 36 AND u.email LIKE '%@%' AND length(d.currency) = 3
              AND d.status IN ('completed', 'pending', 'failed', 'cancelled', 'processing') AND d.timestamp >= u.created_at
              AND d.location ->> 'city' <> '' AND (d.location ->> 'latitude')::numeric BETWEEN -90 AND 90
              AND jsonb_typeof(d.location -> 'longitude') = 'number' AND d.metadata ->> 'channel' IN ('online', 'mobile_app', 'in_store', 'atm', 'phone')
              AND length(d.metadata ->> 'reference_number') <= 20 AND (d.metadata ->> 'fee_amount')::numeric < 1000
              AND length(d.card_details ->> 'last_four_digits') <= 4 AND length(d.store_details ->> 'cashier_id') <= 20
            """);
        Assert.Equal(7, await database.ScalarAsync<long>("SELECT count(DISTINCT payment_method) FROM streaming.detailed_transactions"));
        Assert.Equal("jsonb 255 3", await database.ScalarAsync<string>("""
            SELECT (SELECT data_type FROM information_schema.columns WHERE table_name = 'detailed_transactions' AND column_name = 'location')
                || ' ' || (SELECT character_maximum_length FROM information_schema.columns WHERE table_name = 'users' AND column_name = 'email')
                || ' ' || (SELECT character_maximum_length FROM information_schema.columns WHERE table_name = 'transactions' AND column_name = 'currency')
            """));
    }

    private static async Task AssertAllAsync(TestDatabase database, string sql) => Assert.Equal(400, await database.ScalarAsync<long>($"SELECT count(*) {sql}"));
}
