using StreamingPg.Core.Generation.Tables;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Loading;

/// <summary>Batches with a seed and no reference time, beside data that is there.</summary>
[Collection(SharedPostgres.Name)]
public sealed class SeededBatchTests(PostgresFixture postgres)
{
    [Fact]
    public async Task They_take_the_newest_reference_time_of_the_ledger_so_that_users_are_old_enough()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var before = await shop.LoadAsync(200, 0, 0);

        var seeded = await shop.LoadAsync(LoadedShop.Options(100, 500, 1000) with { Seed = 42 });

        Assert.Equal((42L, before.ReferenceTime), (seeded.Seed, seeded.ReferenceTime));
        Assert.InRange(
            await shop.Database.ScalarAsync<long>("SELECT max(n) FROM (SELECT count(*) AS n FROM streaming.transactions GROUP BY user_id) AS c"), 1L, 100L);
        Assert.True(await shop.Database.ScalarAsync<bool>(
            "SELECT count(*) BETWEEN 200 AND 300 FROM streaming.transactions WHERE user_id IN (SELECT user_id FROM streaming.users ORDER BY user_id LIMIT 200)"));
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task One_user_who_is_old_enough_does_not_get_half_of_all_transactions()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync(LoadedShop.Options(100, 0, 0) with { ReferenceTime = new DateTime(2025, 6, 1, 0, 0, 0, DateTimeKind.Utc) });
        await shop.Database.ExecuteAsync("""
            UPDATE streaming.users SET registration_date = '2030-01-01';
            UPDATE streaming.users SET registration_date = '2024-01-01' WHERE user_id = (SELECT user_id FROM streaming.users ORDER BY 1 LIMIT 1)
            """);

        await shop.LoadAsync(LoadedShop.Options(100, 500, 1000) with { Seed = 42 });

        Assert.InRange(
            await shop.Database.ScalarAsync<long>("SELECT max(n) FROM (SELECT count(*) AS n FROM streaming.transactions GROUP BY user_id) AS c"), 1L, 100L);
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task The_same_seed_on_the_same_contents_gives_the_same_rows()
    {
        var hashes = new List<string>();
        for (var run = 0; run < 2; run++)
        {
            await using var shop = await LoadedShop.CreateAsync(postgres);
            var first = await shop.LoadAsync(LoadedShop.Options(20, 30, 40) with { Seed = 1 });
            Assert.Equal(BatchPlan.FixedReferenceTime, first.ReferenceTime);
            await shop.LoadAsync(LoadedShop.Options(20, 30, 40) with { Seed = 2 });
            hashes.Add(await shop.HashAsync());
        }

        Assert.Single(hashes.Distinct());
    }
}
