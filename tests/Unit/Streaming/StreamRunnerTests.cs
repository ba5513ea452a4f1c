using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Streaming;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Tests.Unit.Streaming;

public sealed class StreamRunnerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly ManualTime _time = new();
    private readonly List<TimeSpan> _begins = [];
    private readonly List<EventWindow?> _windows = [];

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

    /// <summary>A stream that was a little too fast for its server gave a warning for each batch: "1 ticks were missed."</summary>
    [Fact]
    public async Task Missed_ticks_are_reported_at_once_and_then_together()
    {
        // Each batch takes one and a half ticks: every second tick is missed.
        var heard = new Heard();
        var runner = Runner(
            Options with { Interval = Second, MaxBatches = 12 },
            _ =>
            {
                _time.Advance(1.5 * Second);
                return Task.FromResult(Result());
            },
            heard);
        await ToListAsync(runner, CancellationToken.None);

        var reports = heard.Events.Where(told => told.Name == BatchEvent.TicksMissed).ToList();
        Assert.InRange(reports.Count, 2, 3);
        Assert.Equal("1 tick was missed.", reports[0].Text);
        Assert.Equal(runner.Summary.MissedTicks, reports.Sum(told => (long)told.Figures.Single().Value));
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
        var clock = new System.Diagnostics.Stopwatch();
        var runner = Runner(Options with { Interval = Second }, async run =>
        {
            clock.Start();
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, run.Cancel);
            return Result();
        });

        Assert.Empty(await ToListAsync(runner, stop.Token));
        Assert.Equal(StreamStopReason.Stopped, runner.Summary.StopReason);
        Assert.InRange(clock.Elapsed, StreamRunner.GracePeriod - TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        Assert.InRange(StreamRunner.GracePeriod, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task What_a_large_batch_left_behind_when_it_was_stopped_is_told()
    {
        using var stop = new CancellationTokenSource();
        var heard = new Heard();
        var chunks = new CommittedChunks(Guid.NewGuid()) { Count = 5 };
        chunks.Add(0);
        chunks.Add(1);
        chunks.AddInDoubt(2);
        var runner = Runner(
            Options with { Interval = Second },
            async _ =>
            {
                await stop.CancelAsync();
                throw new BatchCancelledException(chunks, new OperationCanceledException());
            },
            heard);

        Assert.Empty(await ToListAsync(runner, stop.Token));

        var told = Assert.Single(heard.Events, item => item.IsWarning).Text;
        Assert.Equal(
            $"Batch {chunks.BatchId} was cancelled. Of the 5 chunks of batch {chunks.BatchId}, 2 are committed (1-2). "
            + $"The server did not answer whether 3 is, too. Load the rest with Invoke-StreamingBatch -Resume -BatchId {chunks.BatchId} "
            + $"(streamingpg batch --resume --batch-id {chunks.BatchId}).",
            told);
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
    public async Task Events_lie_between_the_tick_before_and_the_tick_however_late_it_is_served()
    {
        // The second batch takes 3.5 s: the ticks that it hides are served late, and their events lie where they would have been.
        var windows = await WindowsAsync(
            Live with { Interval = Second, MaxBatches = 6, CatchUp = CatchUp.All }, number => number == 1 ? 3.5 * Second : TimeSpan.Zero);
        Assert.Equal(Enumerable.Range(0, 6).Select(number => (number * Second, Second)), windows);

        // Ticks that are left out have no events.
        windows = await WindowsAsync(Live with { Interval = Second, MaxBatches = 4 }, number => number == 1 ? 3.5 * Second : TimeSpan.Zero);
        Assert.Equal([(0 * Second, Second), (1 * Second, Second), (4 * Second, Second), (5 * Second, Second)], windows);
    }

    [Fact]
    public async Task Events_of_ticks_at_random_leave_no_gap()
    {
        var windows = await WindowsAsync(Live with { BatchesPerSecond = 3, Arrival = StreamArrival.Poisson, MaxBatches = 500, CatchUp = CatchUp.All });

        Assert.All(windows.Zip(windows.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.End - pair.Second.Length));
    }

    [Fact]
    public async Task A_clock_that_is_set_takes_the_events_with_it()
    {
        var windows = await WindowsAsync(Live with { Interval = Second, MaxBatches = 4 }, number =>
        {
            _time.Set(number == 1 ? TimeSpan.FromHours(8) : TimeSpan.FromMilliseconds(20));
            return TimeSpan.Zero;
        });

        // A fiftieth of a second is noise.
        Assert.Equal([TimeSpan.Zero, Second, (2 * Second) + (TimeSpan.FromHours(8) + TimeSpan.FromMilliseconds(20))], windows.Take(3).Select(window => window.End));
    }

    [Fact]
    public async Task With_a_reference_time_the_clock_starts_there_and_goes_on_by_a_tick_per_batch()
    {
        var start = new DateTime(2026, 5, 1, 0, 0, 0, DateTimeKind.Utc);
        var given = await EndsAsync(Options with { Batch = Options.Batch with { ReferenceTime = start }, Interval = Second, MaxBatches = 4 });
        Assert.Equal(Enumerable.Range(0, 4).Select(number => (DateTime?)start.AddSeconds(number)), given);

        // With a seed alone the first batch finds it in the ledger: here its result says 1970.
        var found = await EndsAsync(Options with { Interval = Second, MaxBatches = 3 });
        Assert.Equal([null, DateTime.UnixEpoch.AddSeconds(1), DateTime.UnixEpoch.AddSeconds(2)], found);

        Assert.All(await EndsAsync(Options with { Batch = Options.Batch with { EventTime = EventTime.Spread }, MaxBatches = 2 }), Assert.Null);

        // Batches take longer than a tick here, which changes nothing.
        async Task<List<DateTime?>> EndsAsync(StreamOptions options)
        {
            _windows.Clear();
            await RunAsync(options, _ => 2.5 * Second);
            return [.. _windows.Select(window => window?.End)];
        }
    }

    [Fact]
    public async Task The_planned_rate_follows_the_rhythm_and_does_not_drift()
    {
        // A week from Thursday 2026-01-01 on, 3 ticks per hour on average.
        var rhythm = RhythmModel.Of(MetadataReader.Default, RatePattern.Office, null);
        var summary = await RunAsync(Live with
        {
            Batch = Live.Batch with { Rhythm = rhythm },
            Interval = TimeSpan.FromMinutes(20),
            Duration = TimeSpan.FromDays(7),
        });

        Assert.InRange(_begins.Count, 503, 505);
        Assert.InRange(_begins.Count(begin => begin >= TimeSpan.FromDays(2) && begin < TimeSpan.FromDays(4)), 5, 13);
        Assert.InRange(_begins.Count(begin => begin >= TimeSpan.FromHours(9) && begin < TimeSpan.FromHours(12)), 27, 37);
        Assert.Equal(3 / 3600.0, summary.TargetBatchesPerSecond, 6);
        Assert.InRange(summary.BatchesPerSecond / summary.TargetBatchesPerSecond, 0.99, 1.01);
        Assert.Equal((0L, true), (summary.MissedTicks, summary.MaxLag < TimeSpan.FromMilliseconds(2)));

        Assert.All(_windows.Zip(_windows.Skip(1)), pair => Assert.Equal(pair.First!.Value.End, pair.Second!.Value.End - pair.Second.Value.Length));
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused()
    {
        var model = MetadataReader.Default;
        Assert.Throws<StreamingException>(() => (Options with { Interval = Second, BatchesPerSecond = 1 }).Check(model));
        Assert.Throws<StreamingException>(() => (Options with { Interval = TimeSpan.Zero }).Check(model));
        Assert.Throws<StreamingException>(() => (Options with { RowsPerSecond = -1 }).Check(model));
        Assert.Throws<StreamingException>(() => (Options with { Batch = Options.Batch with { BatchId = Guid.NewGuid() } }).Check(model));
        Assert.Throws<StreamingException>(() => (Options with { Batch = Options.Batch with { EventSpan = Second } }).Check(model));
        (Options with { Batch = Options.Batch with { EventSpan = Second, EventTime = EventTime.Spread } }).Check(model);
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

    private static StreamOptions Live { get; } = Options with { Batch = Options.Batch with { Seed = null } };

    /// <summary>The windows of a stream's batches: how long after its start they end, and how long they are.</summary>
    private async Task<List<(TimeSpan End, TimeSpan Length)>> WindowsAsync(StreamOptions options, Func<int, TimeSpan>? duration = null)
    {
        _windows.Clear();
        var start = _time.GetUtcNow().UtcDateTime;
        await RunAsync(options, duration);
        return [.. _windows.Select(window => (window!.Value.End!.Value - start, window.Value.Length))];
    }

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

    private StreamRunner Runner(StreamOptions options, Func<BatchRun, Task<BatchResult>> runBatch, IProgress<BatchEvent>? events = null)
    {
        var start = _time.Elapsed;
        return new StreamRunner(options, _time, events, progress: null, "server", run =>
        {
            _begins.Add(_time.Elapsed - start);
            _windows.Add(run.Window);
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

    private sealed class Heard : IProgress<BatchEvent>
    {
        public List<BatchEvent> Events { get; } = [];

        public void Report(BatchEvent value) => Events.Add(value);
    }
}
