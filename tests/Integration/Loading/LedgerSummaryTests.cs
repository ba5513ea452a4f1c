using StreamingPg.Core.Ledger;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Loading;

[Collection(SharedPostgres.Name)]
public sealed class LedgerSummaryTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Batches_are_summed_up_by_hour_and_day()
    {
        await using var shop = await CreateAsync();

        var hours = await ReadAsync(shop, new LedgerFilter(), LedgerPeriod.Hour);

        Assert.Equal([Time(10), Time(11), Time(34)], hours.Select(hour => hour.Start));
        Assert.All(hours, hour => Assert.Equal(TimeSpan.FromHours(1), hour.Length));
        Assert.Equal([100, 2, 1], hours.Select(hour => hour.Batches));
        Assert.Equal([0, 1, 0], hours.Select(hour => hour.Incomplete));
        Assert.Equal([50, 0, 0], hours.Select(hour => hour.Retries));
        Assert.Equal([3000, 60, 7], hours.Select(hour => hour.Rows));
        Assert.Equal(3000.0 / 3600, hours[0].RowsPerSecond);
        Assert.Equal((50.5, 95.05, 99.01), (Seconds(hours[0].P50Latency), Seconds(hours[0].P95Latency), Seconds(hours[0].P99Latency)));

        var days = await ReadAsync(shop, new LedgerFilter(), LedgerPeriod.Day);

        Assert.Equal([Time(0), Time(24)], days.Select(day => day.Start));
        Assert.Equal([102, 1], days.Select(day => day.Batches));
        Assert.Equal([TimeSpan.FromDays(1), TimeSpan.FromDays(1)], days.Select(day => day.Length));
    }

    [Fact]
    public async Task Filters_narrow_the_summary_as_they_do_the_list()
    {
        await using var shop = await CreateAsync();

        Assert.Equal(2, Assert.Single(await ReadAsync(shop, new LedgerFilter { Since = Time(11), Until = Time(12) }, LedgerPeriod.Hour)).Batches);
        Assert.Equal(2, (await LedgerReader.ReadAsync(shop.Connection, new LedgerFilter { Since = Time(11), Until = Time(12) }, CancellationToken.None)).Count);
        Assert.Equal(1, Assert.Single(await ReadAsync(shop, new LedgerFilter { Status = LedgerStatus.Incomplete }, LedgerPeriod.Day)).Incomplete);
        Assert.Equal(3, (await ReadAsync(shop, new LedgerFilter { Last = 3 }, LedgerPeriod.Day)).Sum(day => day.Batches));
        Assert.Equal(
            TimeSpan.FromMinutes(30),
            Assert.Single(await ReadAsync(shop, new LedgerFilter { Since = Time(10).AddMinutes(15), Until = Time(10).AddMinutes(45) }, LedgerPeriod.Hour)).Length);
    }

    [Fact]
    public async Task The_hour_that_goes_on_counts_up_to_now()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync();
        var hour = Assert.Single(await ReadAsync(shop, new LedgerFilter(), LedgerPeriod.Hour));

        Assert.InRange(hour.Length, TimeSpan.Zero, TimeSpan.FromHours(1));
        Assert.Equal((1, 140, 0), (hour.Batches, hour.Rows, hour.Retries));
        Assert.True(hour.P50Latency > TimeSpan.Zero);
    }

    [Fact]
    public async Task An_empty_ledger_has_no_summary()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        Assert.Empty(await ReadAsync(shop, new LedgerFilter(), LedgerPeriod.Day));
    }

    /// <summary>A hundred batches of 1 to 100 seconds; one whole and one half batch of two parts; one that is alone on its day.</summary>
    private async Task<LoadedShop> CreateAsync()
    {
        var shop = await LoadedShop.CreateAsync(postgres);
        await shop.Database.ExecuteAsync("""
            INSERT INTO streaming.batch_ledger (batch_id, batch_number, part, parts, rows, retries, started_at, committed_at)
            SELECT md5('a' || n)::uuid, n, 0, 1, '{"users": 10, "transactions": 20}'::jsonb, n % 2, t - n * interval '1 second', t
            FROM generate_series(1, 100) AS n, LATERAL (SELECT timestamptz '2025-03-01 10:30:00Z') AS time (t)
            UNION ALL
            SELECT md5('b' || batch)::uuid, 200 + batch, part, 2, '{"users": 20}', 0, '2025-03-01 11:00:00Z', '2025-03-01 11:05:00Z'
            FROM (VALUES (1, 0), (1, 1), (2, 0)) AS b (batch, part)
            UNION ALL
            SELECT md5('c')::uuid, 300, 0, 1, '{"users": 7}', 0, '2025-03-02 10:00:00Z', '2025-03-02 10:00:01Z'
            """);
        return shop;
    }

    private static Task<IReadOnlyList<LedgerSummary>> ReadAsync(LoadedShop shop, LedgerFilter filter, LedgerPeriod period) =>
        LedgerSummaryReader.ReadAsync(shop.Connection, filter, period, CancellationToken.None);

    private static DateTime Time(int hour) => new DateTime(2025, 3, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(hour);

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);
}
