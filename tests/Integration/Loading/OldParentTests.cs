using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Loading;

/// <summary>Which rows of large tables new rows refer to, and how many places these lie in.</summary>
[Collection(SharedPostgres.Name)]
public sealed class OldParentTests(PostgresFixture postgres)
{
    private const string BlocksReferredTo =
        "SELECT DISTINCT (u.ctid::text::point)[0]::bigint FROM streaming.users AS u JOIN streaming.transactions AS t USING (user_id)";

    [Fact]
    public async Task A_small_batch_touches_few_blocks_of_a_large_table_and_many_batches_touch_all_of_it()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync(20_000, 0, 0);
        var blocks = await shop.Database.ScalarAsync<long>("SELECT pg_relation_size('streaming.users') / current_setting('block_size')::bigint");

        var touched = new HashSet<long>();
        const int Batches = 40;
        for (var batch = 0; batch < Batches; batch++)
        {
            await shop.LoadAsync(LoadedShop.Options(0, 20, 0) with { Seed = batch });
            var places = (await shop.Database.QueryAsync(BlocksReferredTo)).Select(row => (long)row[0]!).ToList();
            Assert.InRange(places.Count, 1, 2);
            touched.UnionWith(places);
            await shop.Database.ExecuteAsync("DELETE FROM streaming.transactions");
        }

        // Two of some hundred blocks at a time, drawn anew by each batch: hardly any twice, and not all from one end.
        Assert.True(touched.Count > Batches, $"{touched.Count} of {blocks} blocks in {Batches} batches");
        Assert.True(touched.Min() < blocks / 4 && touched.Max() > blocks * 3 / 4, $"{touched.Min()} to {touched.Max()} of {blocks}");
    }

    [Fact]
    public async Task Rows_between_deleted_ones_are_found_all_over_the_table()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync(20_000, 0, 0);
        await shop.Database.ExecuteAsync("ALTER TABLE streaming.users SET (autovacuum_enabled = off)");
        await shop.Database.ExecuteAsync("DELETE FROM streaming.users WHERE (ctid::text::point)[0]::bigint % 10 <> 0");

        for (var batch = 0; batch < 10; batch++)
        {
            await shop.LoadAsync(LoadedShop.Options(0, 20, 0) with { Seed = batch });
        }

        Assert.InRange((await shop.Database.QueryAsync(BlocksReferredTo)).Count, 8, int.MaxValue);
        await shop.AssertSoundAsync();
    }

    [Theory]
    [InlineData(5000, true)]
    [InlineData(20, false)]
    public async Task Each_part_keeps_to_its_share_of_many_old_parents_and_shares_few(int users, bool shares)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync(users, 0, 0);
        await shop.LoadAsync(LoadedShop.Options(0, 3000, 0) with { ChunkSize = 1000, Parallel = 2, Seed = 1 });

        // Keys are in the order of the parts.
        var parents = (await shop.Database.QueryAsync("""
            SELECT t.part, t.user_id
            FROM (SELECT (row_number() OVER (ORDER BY transaction_id) - 1) / 1000 AS part, user_id FROM streaming.transactions) AS t
            """)).ToLookup(row => (long)row[0]!, row => (Guid)row[1]!);
        Assert.Equal([0, 1, 2], parents.Select(part => part.Key).Order());
        foreach (var (one, other) in new[] { (0, 1), (1, 2), (0, 2) })
        {
            Assert.Equal(!shares, parents[one].Intersect(parents[other]).Any());
        }

        Assert.InRange(parents.SelectMany(part => part).Distinct().Count(), shares ? 500 : 15, users);
        await shop.AssertSoundAsync();
    }
}
