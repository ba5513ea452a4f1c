using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Relations;

/// <summary>examples/invoices.json: rules on a real server, over several batches and chunks.</summary>
[Collection(SharedPostgres.Name)]
public sealed class InvoiceExampleTests(PostgresFixture postgres)
{
    private static readonly string Example = Path.Combine(AppContext.BaseDirectory, "examples", "invoices.json");

    [Fact]
    public async Task Its_columns_agree_in_every_row_and_numbers_go_on_from_batch_to_batch()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Load(Example);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        async Task LoadAsync(long invoices, int chunkSize = 100_000) => await BatchRunner.RunAsync(
            database.Connection,
            model,
            new BatchOptions { Rows = new Dictionary<string, long> { ["customers"] = 10, ["invoices"] = invoices }, ChunkSize = chunkSize, Seed = 1 },
            progress: null,
            CancellationToken.None);
        await LoadAsync(40);
        await LoadAsync(1500);
        await LoadAsync(300, chunkSize: 100);
        await LoadAsync(60);

        Assert.Equal(1900, await database.CountAsync("invoices"));
        Assert.Equal("1 1900 1900", await database.ScalarAsync<string>(
            "SELECT concat_ws(' ', min(n), max(n), count(DISTINCT n)) FROM (SELECT right(number, 5)::int AS n FROM streaming.invoices) AS numbers"));
        Assert.Equal(1900, await database.ScalarAsync<long>("""
            SELECT count(*) FROM streaming.invoices AS i JOIN streaming.customers AS c ON c.id = i.customer_id
            WHERE number LIKE 'INV-' || extract(year FROM issued_at) || '-%' AND reference = c.country || '/' || upper(left(c.name, 3)) || '/' || to_char(issued_at, 'YYYYMM')
              AND c.vat_rate = CASE c.country WHEN 'DE' THEN 19 WHEN 'AT' THEN 20 ELSE 8.1 END
              AND vat = round(net * c.vat_rate / 100, 2) AND total = net + vat AND due_on = issued_at::date + 14
              AND (paid_at IS NOT NULL) = (status = 'paid') AND (reminder IS NULL OR (status = 'open' AND reminder ~ '^overdue for \d+ days$'))
              AND details ->> 'size' = CASE WHEN net > 1000 THEN 'large' ELSE 'small' END AND details -> 'delivery' ->> 'city' <> ''
              AND (details ->> 'voucher' IS NULL OR details ->> 'voucher' LIKE 'V%')
            """));
        Assert.True(await database.ScalarAsync<long>("SELECT count(*) FROM streaming.invoices WHERE reminder IS NOT NULL") > 0);
        Assert.Empty(await database.ScalarAsync<string>("SELECT COALESCE(string_agg(DISTINCT city, ';'), '') FROM streaming.customers WHERE city NOT IN ('Berlin', 'Hamburg', 'Munich', 'Cologne', 'Frankfurt, Main', 'Leipzig', 'Kiel')"));
    }

    [Fact]
    public async Task Values_come_from_a_query_and_from_a_table()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("""
            CREATE SCHEMA ref;
            CREATE TABLE ref.countries (code char(2), people int, since date);
            INSERT INTO ref.countries VALUES ('DE', 3, '1990-10-03'), ('FR', 1, '1958-10-04'), ('XX', 0, NULL);
            """);
        var model = MetadataReader.Parse("""
            {"people": {"columns": {"id": {"type": "SERIAL", "primary_key": true},
                "country": {"type": "TEXT", "from": {"table": "ref.countries", "column": "code", "weight": "people"}},
                "since": {"type": "DATE", "from": {"query": "SELECT since FROM ref.countries -- a comment"}},
                "extra": {"type": "JSONB", "properties": {"code": {"type": "TEXT", "from": {"query": "SELECT code, people FROM ref.countries WHERE code = 'FR'"}}}},
                "other": {"type": "TEXT", "when": [{"if": "country = 'DE'", "from": {"table": "ref.countries", "column": "code"}}, {"value": "-"}]}}}}
            """);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        var options = new BatchOptions { Rows = new Dictionary<string, long> { ["people"] = 800 }, Seed = 1 };
        await BatchRunner.RunAsync(database.Connection, model, options, progress: null, CancellationToken.None);

        Assert.Equal("DE,FR", await database.ScalarAsync<string>("SELECT string_agg(DISTINCT country, ',' ORDER BY country) FROM streaming.people"));
        Assert.InRange(await database.ScalarAsync<long>("SELECT count(*) FROM streaming.people WHERE country = 'FR'"), 140, 260);
        Assert.Equal(800, await database.ScalarAsync<long>("""
            SELECT count(*) FROM streaming.people
            WHERE since IN ('1990-10-03', '1958-10-04') AND extra = '{"code": "FR"}' AND (country = 'DE') = (other <> '-') AND length(other) <= 2
            """));

        await database.ExecuteAsync("UPDATE ref.countries SET since = 'infinity'");
        await BatchRunner.RunAsync(database.Connection, model, options, progress: null, CancellationToken.None);
        Assert.Equal(800, await database.ScalarAsync<long>("SELECT count(*) FROM streaming.people WHERE since = 'infinity'"));

        await database.ExecuteAsync("DELETE FROM ref.countries");
        var error = await Assert.ThrowsAsync<StreamingException>(
            () => BatchRunner.RunAsync(database.Connection, model, options, progress: null, CancellationToken.None));
        Assert.Contains("Values of \"people\".\"country\" cannot be generated: \"from\" gives no values", error.Message, StringComparison.Ordinal);
        await database.ExecuteAsync("DROP TABLE ref.countries");
        error = await Assert.ThrowsAsync<StreamingException>(
            () => BatchRunner.RunAsync(database.Connection, model, options, progress: null, CancellationToken.None));
        Assert.Contains("Reading the values of \"people\".\"country\" (\"from\")", error.Message, StringComparison.Ordinal);
        Assert.Equal(1600, await database.CountAsync("people"));
    }
}
