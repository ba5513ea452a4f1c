using StreamingPg.Core.Loading;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Streaming;

namespace StreamingPg.Tests.Unit.Streaming;

public sealed class StreamRunnerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly ManualTime _time = new();
    private readonly List<TimeSpan> _begins = [];

    [Fact]
    public async Task Ticks_do_not_drift_however_long_batches_take()
    {
        var summary = await RunAsync(Options with { Interval = Second, MaxBatches = 100 }, number => Second * (number % 9) / 10);

        Assert.Equal(Enumerable.Range(0, 100).Select(number => number * Second), _begins);
        Assert.Equal((100L, 0L, TimeSpan.Zero), (summary.Batches, summary.MissedTicks, summary.MaxLag));
        Assert.Equal(StreamStopReason.MaxBatches, summary.StopReason);
    }

    [Fact]
    public async Task Missed_ticks_are_left_out_and_counted()
    {
        // The second batch takes 3.5 s: ticks 2 and 3 go by, tick 4 is late by half a second, tick 5 is in time.
        var summary = await RunAsync(Options with { Interval = Second, MaxBatches = 4 }, number => number == 1 ? 3.5 * Second : TimeSpan.Zero);

        Assert.Equal([0 * Second, 1 * Second, 4.5 * Second, 5 * Second], _begins);
        Assert.Equal((2L, 0.5 * Second), (summary.MissedTicks, summary.MaxLag));
    }

    [Fact]
    public async Task Missed_ticks_are_made_up_for()
    {
        var summary = await RunAsync(
            Options with { Interval = Second, MaxBatches = 6, CatchUp = CatchUp.All }, number => number == 1 ? 3.5 * Second : TimeSpan.Zero);

        Assert.Equal([0 * Second, 1 * Second, 4.5 * Second, 4.5 * Second, 4.5 * Second, 5 * Second], _begins);
        Assert.Equal((0L, 2.5 * Second), (summary.MissedTicks, summary.MaxLag));
    }

    [Fact]
    public async Task Rows_per_second_and_batches_per_second_set_the_pace()
    {
        await RunAsync(Options with { RowsPerSecond = 280, MaxBatches = 3 });
        Assert.Equal([0 * Second, 0.5 * Second, 1 * Second], _begins);

        Assert.Equal(3, (Options with { BatchesPerSecond = 3 }).Rate);
        Assert.Equal(1 / 60.0, Options.Rate);
    }

    [Fact]
    public async Task It_ends_at_its_limits()
    {
        Assert.Equal(5, (await RunAsync(Options with { Interval = Second, MaxRows = 700 })).Batches);
        Assert.Equal(StreamStopReason.TimeIsUp, (await RunAsync(Options with { Interval = Second, Duration = 10 * Second })).StopReason);
        Assert.Equal(10, (await RunAsync(Options with { Interval = Second, Duration = 10 * Second })).Batches);
        var now = _time.GetUtcNow();
        Assert.Equal(4, (await RunAsync(Options with { Interval = Second, Until = now + (3.5 * Second) })).Batches);
        Assert.Equal(now + (3.5 * Second), _time.GetUtcNow());
    }

    [Fact]
    public async Task Poisson_arrivals_keep_the_rate_and_the_seed()
    {
        var options = Options with { BatchesPerSecond = 2, Arrival = StreamArrival.Poisson, MaxBatches = 4000, CatchUp = CatchUp.All };
        await RunAsync(options);
        var first = _begins.Select(begin => begin - _begins[0]).ToList();
        var gaps = first.Zip(first.Skip(1), (one, next) => (next - one).TotalSeconds).ToList();

        // The mean of n exponential gaps of mean 1/2 is within 4 standard errors; the share above the mean is 1/e.
        Assert.InRange(gaps.Average(), 0.5 - (4 * 0.5 / Math.Sqrt(gaps.Count)), 0.5 + (4 * 0.5 / Math.Sqrt(gaps.Count)));
        Assert.InRange(gaps.Count(gap => gap > 0.5) / (double)gaps.Count, 0.33, 0.41);

        await RunAsync(options);
        Assert.Equal(first, _begins.Select(begin => begin - _begins[0]));
    }

    [Fact]
    public async Task Told_to_stop_it_finishes_the_batch_in_hand()
    {
        using var stop = new CancellationTokenSource();
        var runner = Runner(Options with { Interval = Second }, async run =>
        {
            await stop.CancelAsync();
            Assert.False(run.Cancel.IsCancellationRequested);
            return Result();
        });

        var results = await ToListAsync(runner, stop.Token);

        Assert.Single(results);
        Assert.Equal((1L, StreamStopReason.Stopped), (runner.Summary.Batches, runner.Summary.StopReason));
    }

    [Fact]
    public async Task Told_to_stop_it_rolls_back_a_batch_that_takes_too_long()
    {
        using var stop = new CancellationTokenSource();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var runner = Runner(Options with { Interval = Second }, async run =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, run.Cancel);
            return Result();
        });

        Assert.Empty(await ToListAsync(runner, stop.Token));
        Assert.Equal(StreamStopReason.Stopped, runner.Summary.StopReason);
        Assert.InRange(clock.Elapsed, StreamRunner.GracePeriod - TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_failure_ends_it_with_the_error_and_a_summary()
    {
        var runner = Runner(Options with { Interval = Second }, run => _begins.Count < 3
            ? Task.FromResult(Result())
            : throw new StreamingException("DiskFull", StreamingErrorKind.ResourceExhausted, "Full.", ""));

        await Assert.ThrowsAsync<StreamingException>(() => ToListAsync(runner, CancellationToken.None));

        Assert.Equal((2L, StreamStopReason.Failed), (runner.Summary.Batches, runner.Summary.StopReason));
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused()
    {
        var model = MetadataReader.Default;
        Assert.Throws<StreamingException>(() => (Options with { Interval = Second, BatchesPerSecond = 1 }).Check(model));
        Assert.Throws<StreamingException>(() => (Options with { Interval = TimeSpan.Zero }).Check(model));
        Assert.Throws<StreamingException>(() => (Options with { RowsPerSecond = -1 }).Check(model));
        Assert.Throws<StreamingException>(() => (Options with { Batch = Options.Batch with { BatchId = Guid.NewGuid() } }).Check(model));
        Options.Check(model);
    }

    private static StreamOptions Options { get; } = new()
    {
        Batch = new BatchOptions
        {
            Rows = new Dictionary<string, long> { ["users"] = 10, ["transactions"] = 30, ["detailed_transactions"] = 100 },
            Seed = 1,
        },
    };

    private async Task<StreamSummary> RunAsync(StreamOptions options, Func<int, TimeSpan>? duration = null)
    {
        _begins.Clear();
        var runner = Runner(options, _ =>
        {
            _time.Advance(duration?.Invoke(_begins.Count - 1) ?? TimeSpan.Zero);
            return Task.FromResult(Result());
        });
        await ToListAsync(runner, CancellationToken.None);
        return runner.Summary;
    }

    private StreamRunner Runner(StreamOptions options, Func<BatchRun, Task<BatchResult>> runBatch)
    {
        var start = _time.Elapsed;
        return new StreamRunner(options, _time, events: null, progress: null, "server", run =>
        {
            _begins.Add(_time.Elapsed - start);
            return runBatch(run);
        });
    }

    private static async Task<List<BatchResult>> ToListAsync(StreamRunner runner, CancellationToken stop)
    {
        var results = new List<BatchResult>();
        await foreach (var result in runner.RunAsync(stop))
        {
            results.Add(result);
        }

        return results;
    }

    private static BatchResult Result() => new()
    {
        BatchId = Guid.NewGuid(),
        BatchNumber = 1,
        Tables = [new TableCount("users", 10), new TableCount("transactions", 30), new TableCount("detailed_transactions", 100)],
        Duration = TimeSpan.Zero,
        GenerateTime = TimeSpan.Zero,
        LoadTime = TimeSpan.Zero,
        VerifyTime = TimeSpan.Zero,
        CommitTime = TimeSpan.Zero,
        ForeignKeyCheck = ForeignKeyCheck.Row,
        ForeignKeyCheckReason = "",
        Seed = 1,
        ReferenceTime = DateTime.UnixEpoch,
        Server = "server",
    };
}
