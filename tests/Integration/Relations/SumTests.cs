using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Relations;

/// <summary>Columns that metadata declares as the sum over the rows of another table.</summary>
[Collection(SharedPostgres.Name)]
public sealed class SumTests(PostgresFixture postgres)
{
    private const string Shop =
        """
        {
          "articles": {"columns": {
            "id": {"type": "SERIAL", "primary_key": true},
            "price": {"type": "DECIMAL(8,3)", "min": 0.5, "max": 90, "null_ratio": 0.1}}},
          "orders": {"columns": {
            "branch": {"type": "SMALLINT", "primary_key": true, "min": 1, "max": 30000},
            "number": {"type": "BIGINT", "primary_key": true, "min": 1, "max": 900000},
            "total": {"type": "DECIMAL(12,2)", "sum_of": {"table": "lines", "columns": ["quantity", "price"]}},
            "pieces": {"type": "INTEGER", "sum_of": {"table": "lines", "columns": ["quantity"]}}}},
          "lines": {
            "columns": {
              "id": {"type": "BIGSERIAL", "primary_key": true},
              "branch": {"type": "SMALLINT", "nullable": true, "null_ratio": 0.2},
              "number": {"type": "BIGINT"},
              "article_id": {"type": "INTEGER", "foreign_key": {"table": "articles", "column": "id"}},
              "quantity": {"type": "SMALLINT", "min": 1, "max": 9},
              "price": {"type": "DECIMAL(8,3)", "equals_parent": "articles.price"}},
            "foreign_keys": [{"columns": ["branch", "number"], "table": "orders", "parent_columns": ["branch", "number"]}]}
        }
        """;

    private const string Wrong =
        """
        SELECT FROM {orders} o LEFT JOIN LATERAL (
            SELECT round(sum(quantity * price), 2) AS total, sum(quantity) AS pieces FROM {lines} l
            WHERE l.branch = o.branch AND l.number = o.number) s ON true
        WHERE o.total <> COALESCE(s.total, 0) OR o.pieces <> COALESCE(s.pieces, 0) OR o.total IS NULL OR o.pieces IS NULL
        """;

    [Theory]
    [InlineData(ForeignKeyCheck.Auto, BatchOptions.DefaultChunkSize, 1)]
    [InlineData(ForeignKeyCheck.Row, 150, 2)]
    public async Task Holds_for_new_rows_and_for_rows_that_get_more(ForeignKeyCheck check, int chunk, int parallel)
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Shop);

        for (var seed = 1; seed <= 3; seed++)
        {
            await shop.LoadAsync(Options(seed, ("articles", 30), ("orders", 200), ("lines", 500)));
            await shop.LoadAsync(Options(seed, ("lines", 300)));

            Assert.Equal(0, await shop.CountAsync(Wrong));
        }

        Assert.Equal(600, await shop.CountAsync("SELECT FROM {orders}"));
        Assert.NotEqual(0, await shop.CountAsync("SELECT FROM {orders} o WHERE NOT EXISTS (SELECT FROM {lines} l WHERE l.number = o.number)"));
        Assert.NotEqual(0, await shop.CountAsync("SELECT FROM {lines} WHERE branch IS NULL"));
        await shop.AssertSoundAsync();

        BatchOptions Options(int seed, params (string Table, long Rows)[] rows) => new()
        {
            Rows = rows.ToDictionary(table => table.Table, table => table.Rows),
            Seed = seed,
            ForeignKeyCheck = check,
            ChunkSize = chunk,
            Parallel = parallel,
        };
    }

    [Fact]
    public async Task Of_rows_that_were_there_fires_the_triggers_of_their_table_whatever_verifies_the_keys()
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Shop);
        await shop.LoadAsync(ForeignKeyCheck.Auto, ("articles", 30), ("orders", 200), ("lines", 500));
        await shop.Database.ExecuteAsync(
            """
            CREATE TABLE streaming.seen (number bigint);
            CREATE FUNCTION streaming.see() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO streaming.seen VALUES (NEW.number); RETURN NEW; END $$;
            CREATE TRIGGER see BEFORE UPDATE ON streaming.orders FOR EACH ROW EXECUTE FUNCTION streaming.see();
            """);

        foreach (var check in new[] { ForeignKeyCheck.Row, ForeignKeyCheck.Set })
        {
            await shop.Database.ExecuteAsync("TRUNCATE streaming.seen");
            await shop.LoadAsync(check, ("lines", 300));
            Assert.True(await shop.Database.ScalarAsync<long>("SELECT count(*) FROM streaming.seen") > 0, $"{check}");
        }

        Assert.Equal(0, await shop.CountAsync(Wrong));
    }

    [Fact]
    public async Task Is_checked_as_it_is_declared()
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Shop);
        await shop.LoadAsync(ForeignKeyCheck.Auto, ("articles", 5), ("orders", 10), ("lines", 40));
        await shop.Database.ExecuteAsync(
            $"UPDATE {shop.Connection.Quote("orders")} SET pieces = pieces + 1 WHERE number = (SELECT number FROM {shop.Connection.Quote("lines")} WHERE branch IS NOT NULL LIMIT 1)");

        var broken = new List<IntegrityResult>();
        await foreach (var result in IntegrityChecker.CheckAsync(shop.Connection, shop.Model, CancellationToken.None))
        {
            broken.AddRange(result.Status < IntegrityStatus.Broken ? [] : [result]);
        }

        var found = Assert.Single(broken);
        Assert.Equal("Amount orders.pieces = sum of lines", found.Check);
        Assert.Equal(1, found.Count);
    }

    [Fact]
    public async Task That_does_not_fit_its_column_is_named_and_nothing_stays()
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Shop.Replace("DECIMAL(12,2)", "DECIMAL(4,2)", StringComparison.Ordinal));

        var error = await Assert.ThrowsAsync<StreamingException>(
            () => shop.LoadAsync(ForeignKeyCheck.Auto, ("articles", 5), ("orders", 10), ("lines", 40)));

        Assert.Equal("SumTooLarge", error.ErrorId);
        Assert.Contains("\"total\" DECIMAL(4,2)", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await shop.CountAsync("SELECT FROM {articles}"));
    }
}
