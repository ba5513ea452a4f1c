using StreamingPg.Core.Growth;
using StreamingPg.Core.Metadata;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Loading;

namespace StreamingPg.Tests.Integration.Growth;

[Collection(SharedPostgres.Name)]
public sealed class GrowthWatchTests(PostgresFixture postgres)
{
    private static readonly WatchOptions Often = new() { Interval = TimeSpan.FromMilliseconds(5) };

    [Fact]
    public async Task Every_batch_is_counted_once_without_reading_a_table()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await using var looks = Watch(shop, Often);
        await NextAsync(looks);

        var deltas = new List<long>();
        for (var look = 0; look < 20; look++)
        {
            if (look % 3 == 0)
            {
                await shop.LoadAsync();
            }

            var tables = await NextAsync(looks);
            deltas.Add(tables[0].Delta);
            Assert.Equal([tables[0].Delta * 3, tables[0].Delta * 10], tables.Skip(1).Select(table => table.Delta));
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(look => look % 3 == 0 ? 10L : 0), deltas);
        var last = looks.Current;
        Assert.Equal([70, 210, 700], last.Select(table => table.Rows));
        Assert.Equal((20, true), (last[0].RecentRates.Count, last[0].IsEstimate));
        Assert.Equal(last[0].Delta / last[0].Elapsed.TotalSeconds, last[0].RowsPerSecond);
        Assert.Equal(20, last[0].Recent.Length);
    }

    [Fact]
    public async Task A_batch_that_is_seen_late_is_counted_too()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync();
        await using var looks = Watch(shop, Often);
        await NextAsync(looks);
        await using var slow = await shop.Connection.OpenAsync(CancellationToken.None);
        await using var transaction = await slow.BeginTransactionAsync();
        await using (var insert = new Npgsql.NpgsqlCommand("""INSERT INTO streaming.batch_ledger (batch_id, rows) VALUES (gen_random_uuid(), '{"users": 7}')""", slow))
        {
            await insert.ExecuteNonQueryAsync();
        }

        await shop.LoadAsync();
        Assert.Equal(10, (await NextAsync(looks))[0].Delta);
        await transaction.CommitAsync();
        Assert.Equal(7, (await NextAsync(looks))[0].Delta);
        Assert.Equal(0, (await NextAsync(looks))[0].Delta);
    }

    [Fact]
    public async Task What_retention_removed_is_taken_off()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await using var looks = Watch(shop, Often);
        await NextAsync(looks);
        await shop.LoadAsync();
        await shop.Database.ExecuteAsync("""INSERT INTO streaming.batch_ledger (batch_id, kind, rows) VALUES (gen_random_uuid(), 'removal', '{"users": 3}')""");

        Assert.Equal([7, 30, 100], (await NextAsync(looks)).Select(table => table.Delta));
    }

    [Fact]
    public async Task An_exact_watch_sees_what_others_do()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync();
        await using var looks = Watch(shop, Often with { Exact = true });
        Assert.Equal([10, 30, 100], (await NextAsync(looks)).Select(table => table.Rows));
        await shop.Database.ExecuteAsync("INSERT INTO streaming.users (user_id) SELECT gen_random_uuid() FROM generate_series(1, 5)");
        await shop.Database.ExecuteAsync("DELETE FROM streaming.detailed_transactions WHERE id <= 40");

        var look = await NextAsync(looks);

        Assert.Equal([5, 0, -40], look.Select(table => table.Delta));
        Assert.False(look[0].IsEstimate);
    }

    [Fact]
    public async Task It_ends_after_so_many_looks_or_so_long()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        Assert.Equal(3, await CountAsync(Often with { Count = 3 }));
        Assert.Equal(1, await CountAsync(new WatchOptions { Interval = TimeSpan.FromHours(1), Duration = TimeSpan.FromMinutes(1) }));
        var error = await Assert.ThrowsAsync<StreamingException>(() => CountAsync(new WatchOptions { Interval = TimeSpan.Zero }));
        Assert.Equal("InvalidWatch", error.ErrorId);

        async Task<int> CountAsync(WatchOptions options)
        {
            var count = 0;
            await using var looks = Watch(shop, options);
            while (await looks.MoveNextAsync())
            {
                count++;
            }

            return count;
        }
    }

    private static IAsyncEnumerator<IReadOnlyList<TableRate>> Watch(LoadedShop shop, WatchOptions options) =>
        GrowthWatch.WatchAsync(shop.Connection, MetadataReader.Default, options, TimeProvider.System, CancellationToken.None).GetAsyncEnumerator();

    private static async Task<IReadOnlyList<TableRate>> NextAsync(IAsyncEnumerator<IReadOnlyList<TableRate>> looks)
    {
        Assert.True(await looks.MoveNextAsync());
        return looks.Current;
    }
}
