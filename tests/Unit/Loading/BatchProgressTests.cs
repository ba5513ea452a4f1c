using StreamingPg.Core.Loading.Batches;

namespace StreamingPg.Tests.Unit.Loading;

public sealed class BatchProgressTests
{
    private static readonly TimeSpan TenSeconds = TimeSpan.FromSeconds(10);

    [Fact]
    public void Progress_has_rows_percent_and_rate_and_leaves_room_at_80_columns()
    {
        var text = new BatchProgress("loading detailed_transactions", 12_345_678, 50_000_000).Text(TenSeconds);

        Assert.Equal("12,345,678 of 50,000,000 rows, 24 %, 1,234,568/s", text);
        Assert.InRange(text.Length, 1, 80 - "Loading [] 1000s ".Length);
    }

    [Fact]
    public void Time_left_follows_the_rate_so_far() =>
        Assert.Equal(TimeSpan.FromSeconds(30), new BatchProgress("loading users", 25, 100).TimeLeft(TenSeconds));

    [Fact]
    public void Without_a_total_there_is_no_percent_and_no_end()
    {
        var progress = new BatchProgress("removing from users", 2_000, 0);

        Assert.Equal("removing from users: 2,000 rows, 200/s", progress.Text(TenSeconds));
        Assert.Null(progress.TimeLeft(TenSeconds));
    }
}
