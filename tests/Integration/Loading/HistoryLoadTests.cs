using StreamingPg.Core.Loading;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Streaming;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Loading;

/// <summary>Histories on a real server, and the stream that goes on at their end.</summary>
[Collection(SharedPostgres.Name)]
public sealed class HistoryLoadTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(ForeignKeyCheck.Row)]
    [InlineData(ForeignKeyCheck.Set)]
    public async Task A_history_is_sound_in_order_and_goes_on_as_a_stream_without_a_seam(ForeignKeyCheck check)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var end = new DateTime(DateTime.UtcNow.Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, DateTimeKind.Utc).AddSeconds(-3);
        await shop.LoadAsync(LoadedShop.Options(10, 30, 100) with { ReferenceTime = end.AddDays(-40) });
        var history = new HistoryOptions { Length = TimeSpan.FromDays(30), Until = end, Growth = GrowthCurve.Linear, Churn = 0.2 };
        var options = LoadedShop.Options(300, 900, 3000) with { ChunkSize = 1300, ForeignKeyCheck = check, Seed = 7 };

        var result = await shop.LoadAsync(history.Of(MetadataReader.Default, options));

        Assert.Equal((5, end, 4200L), (result.Chunks, result.ReferenceTime, result.TotalRows));
        await shop.AssertSoundAsync();
        Assert.Equal(900L, await shop.Database.ScalarAsync<long>(
            $"SELECT count(*) FROM streaming.transactions JOIN streaming.users USING (user_id) WHERE transaction_id > '{Key(end)}' "
                + $"AND registration_date BETWEEN '{end.AddDays(-30):yyyy-MM-dd HH:mm:ss}' AND transaction_date AND transaction_date <= '{end:yyyy-MM-dd HH:mm:ss}'"));
        Assert.True(await shop.Database.ScalarAsync<long>(
            $"SELECT count(DISTINCT user_id) FROM streaming.transactions WHERE transaction_id > '{Key(end)}'") > 200);

        var runner = new StreamRunner(
            shop.Connection,
            MetadataReader.Default,
            new StreamOptions { Batch = LoadedShop.Options(2, 6, 10), Interval = TimeSpan.FromSeconds(1), MaxBatches = 4 },
            events: null,
            progress: null);
        var results = new List<BatchResult>();
        await foreach (var batch in runner.RunAsync(CancellationToken.None))
        {
            results.Add(batch);
        }

        Assert.Equal(Enumerable.Range(1, 4).Select(tick => end.AddSeconds(tick)), results.Select(batch => batch.ReferenceTime));
        Assert.Equal(0, runner.Summary.MissedTicks);
        Assert.Equal(24L, await shop.Database.ScalarAsync<long>($"SELECT count(*) FROM streaming.transactions WHERE transaction_date > '{end:yyyy-MM-dd HH:mm:ss}'"));
        await shop.AssertSoundAsync();
    }

    /// <summary>The lowest key of a batch with that reference time.</summary>
    private static Guid Key(DateTime time)
    {
        var bytes = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, new DateTimeOffset(time).ToUnixTimeMilliseconds() << 16);
        return new Guid(bytes, bigEndian: true);
    }
}
