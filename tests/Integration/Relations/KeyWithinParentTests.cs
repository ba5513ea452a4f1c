using StreamingPg.Core.Loading;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Relations;

/// <summary>Keys of a reference and a column of few values: a text per language, a figure per day, a numbered line.</summary>
[Collection(SharedPostgres.Name)]
public sealed class KeyWithinParentTests(PostgresFixture postgres)
{
    private const string Shop =
        """
        {
          "$types": {"size": {"enum": ["S", "M", "L", "XL"]}},
          "products": {"columns": {"id": {"type": "SERIAL", "primary_key": true}, "name": {"type": "TEXT"}}},
          "texts": {"columns": {
            "product_id": {"type": "INTEGER", "primary_key": true, "foreign_key": {"table": "products", "column": "id"}},
            "language": {"type": "CHAR(5)", "primary_key": true, "values": ["en", "de", "fr"]}}},
          "sizes": {"columns": {
            "product_id": {"type": "INTEGER", "primary_key": true, "foreign_key": {"table": "products", "column": "id"}},
            "size": {"type": "size", "primary_key": true},
            "in_stock": {"type": "BOOLEAN", "primary_key": true}}},
          "days": {
            "columns": {
              "id": {"type": "BIGSERIAL", "primary_key": true},
              "product_id": {"type": "INTEGER", "nullable": false, "foreign_key": {"table": "products", "column": "id"}},
              "day": {"type": "DATE", "nullable": false, "min": "2024-02-01", "max": "2024-02-29"}},
            "unique": [["product_id", "day"]]},
          "lines": {"columns": {
            "product_id": {"type": "INTEGER", "primary_key": true, "foreign_key": {"table": "products", "column": "id"}},
            "line_no": {"type": "SMALLINT", "primary_key": true, "min": 1, "max": 8}}},
          "steps": {"columns": {
            "product_id": {"type": "INTEGER", "primary_key": true, "foreign_key": {"table": "products", "column": "id"}},
            "step": {"type": "SMALLINT", "primary_key": true, "min": 10}}}
        }
        """;

    [Theory]
    [InlineData(BatchOptions.DefaultChunkSize, 1)]
    [InlineData(60, 2)]
    public async Task Are_filled_to_the_last_value_for_new_parents_and_for_those_that_are_there(int chunk, int parallel)
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Shop);

        for (var seed = 1; seed <= 4; seed++)
        {
            await shop.LoadAsync(Options(seed, chunk, parallel, ("products", 20), ("texts", 31), ("sizes", 100), ("days", 400), ("lines", 90), ("steps", 70)));
        }

        // As many as there is room for: the server's unique keys say whether one came twice.
        await shop.LoadAsync(Options(5, chunk, parallel, ("texts", 100), ("sizes", 200), ("days", 700), ("lines", 250)));
        await shop.LoadAsync(Options(6, chunk, parallel, ("texts", 80 * 3 - 4 * 31 - 100), ("sizes", 80 * 8 - 4 * 100 - 200), ("steps", 30)));
        await shop.LoadAsync(Options(7, chunk, parallel, ("products", 5), ("texts", 15), ("sizes", 40), ("days", 145), ("lines", 40), ("steps", 5)));

        Assert.Equal(85 * 3, await shop.CountAsync("SELECT FROM {texts}"));
        Assert.Equal(85 * 8, await shop.CountAsync("SELECT FROM {sizes}"));
        Assert.Equal(0, await shop.CountAsync("SELECT FROM {lines} WHERE line_no NOT BETWEEN 1 AND 8"));
        Assert.Equal(0, await shop.CountAsync("SELECT FROM {days} WHERE day NOT BETWEEN '2024-02-01' AND '2024-02-29'"));
        Assert.Equal(0, await shop.CountAsync("SELECT product_id FROM {steps} GROUP BY 1 HAVING min(step) <> 10 OR max(step) <> 9 + count(*)"));
        await shop.AssertSoundAsync();
    }

    [Theory]
    [InlineData("products", 10, "texts", 31, "30 more for those that the batch may refer to, but 31 were requested.")]
    [InlineData("texts", 11, "", 0, "10 more for those that the batch may refer to, but 11 were requested.")]
    public async Task That_cannot_give_enough_are_named_with_what_they_can_give(string table, long rows, string other, long otherRows, string expected)
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Shop);
        await shop.LoadAsync(Options(1, 1000, 1, ("products", 10), ("texts", 20)));

        var error = await Assert.ThrowsAsync<StreamingException>(
            () => shop.LoadAsync(Options(2, 1000, 1, other.Length == 0 ? [(table, rows)] : [(table, rows), (other, otherRows)])));

        Assert.Equal("UniqueValuesExhausted", error.ErrorId);
        Assert.Contains("\"texts\".\"language\" can have only 3 distinct values for each row of \"products\", " + expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(20, await shop.CountAsync("SELECT FROM {texts}"));
    }

    [Fact]
    public async Task That_are_dealt_out_by_metadata_keep_to_it()
    {
        await using var shop = await RelationDatabase.CreateAsync(
            postgres, Shop.Replace("\"texts\": {", "\"texts\": {\"per_parent\": {\"min\": 2, \"max\": 3}, ", StringComparison.Ordinal));

        await shop.LoadAsync(new BatchOptions { Rows = new Dictionary<string, long> { ["products"] = 30 }, RowsOfMetadata = true });

        Assert.Equal(0, await shop.CountAsync("SELECT FROM {products} p WHERE (SELECT count(*) FROM {texts} t WHERE t.product_id = p.id) NOT BETWEEN 2 AND 3"));

        await using var tooMany = await RelationDatabase.CreateAsync(
            postgres, Shop.Replace("\"texts\": {", "\"texts\": {\"per_parent\": 4, ", StringComparison.Ordinal));
        var error = await Assert.ThrowsAsync<StreamingException>(
            () => tooMany.LoadAsync(new BatchOptions { Rows = new Dictionary<string, long> { ["products"] = 30 }, RowsOfMetadata = true }));
        Assert.Contains("3 distinct values for each row of \"products\", but \"per_parent\" requests up to 4.", error.Message, StringComparison.Ordinal);
    }

    private static BatchOptions Options(int seed, int chunk, int parallel, params (string Table, long Rows)[] rows) => new()
    {
        Rows = rows.ToDictionary(table => table.Table, table => table.Rows),
        Seed = seed,
        ChunkSize = chunk,
        Parallel = parallel,
    };
}
