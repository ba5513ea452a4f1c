using System.Runtime.CompilerServices;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Model;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Streaming;

/// <summary>What a batch of a stream is run with.</summary>
/// <param name="Events">Gets what happens to it.</param>
/// <param name="Window">Where its events lie; null when they are spread.</param>
/// <param name="StopRetrying">Forbids further attempts.</param>
/// <param name="Cancel">Rolls back the attempt in hand.</param>
internal sealed record BatchRun(IProgress<BatchEvent> Events, EventWindow? Window, CancellationToken StopRetrying, CancellationToken Cancel);

/// <summary>Loads batch after batch on a schedule that does not drift, until a limit is reached or it is told to stop.</summary>
internal sealed class StreamRunner : IProgress<BatchEvent>
{
    /// <summary>Time for the batch in hand to be finished when the stream is told to stop; after it, it is rolled back.</summary>
    public static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(1.5);

    // Later, the ticks since its end would take too long to make up for.
    private static readonly TimeSpan LongestSeam = TimeSpan.FromDays(1);

    // Whoever stops a stream is promised an end within five seconds.
    private static readonly TimeSpan RecordTimeout = TimeSpan.FromSeconds(1);

    private readonly StreamOptions _options;
    private readonly Func<BatchRun, Task<BatchResult>> _runBatch;
    private readonly StreamRetention? _retention;
    private readonly TimeProvider _time;
    private readonly IProgress<BatchEvent>? _events;
    private readonly IProgress<StreamSummary>? _progress;
    private readonly Func<DateTime, TimeSpan, TickSchedule> _makeSchedule;
    private TickSchedule _schedule;
    private bool _followsHistory;
    private readonly EventClock? _clock;
    private readonly StreamFigures _figures;
    private readonly MissedTicks _missed = new();
    private readonly DatabaseConnection? _connection;
    private long _nextDue;
    private EventWindow? _window;
    private StreamStopReason _reason;

    /// <summary>Prepares a stream, which starts its clock.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="options">The options.</param>
    /// <param name="events">Gets commits, retries, missed ticks, failures; may be null.</param>
    /// <param name="progress">Gets the figures so far, after each batch and while it waits; may be null.</param>
    /// <exception cref="StreamingException">An option is out of range.</exception>
    public StreamRunner(
        DatabaseConnection connection,
        StreamModel model,
        StreamOptions options,
        IProgress<BatchEvent>? events,
        IProgress<StreamSummary>? progress)
        : this(
            Checked(options, model),
            TimeProvider.System,
            events,
            progress,
            $"{connection}",
            Batches(connection, model, options, events),
            StreamRetention.Of(connection, model, options, TimeProvider.System)) =>
        _connection = connection;

    internal StreamRunner(
        StreamOptions options,
        TimeProvider time,
        IProgress<BatchEvent>? events,
        IProgress<StreamSummary>? progress,
        string server,
        Func<BatchRun, Task<BatchResult>> runBatch,
        StreamRetention? retention = null)
    {
        _options = options;
        _time = time;
        _events = events;
        _progress = progress;
        _runBatch = runBatch;
        _retention = retention;
        var seed = options.Batch.Seed ?? Random.Shared.NextInt64();
        _makeSchedule = (start, late) => new TickSchedule(options.Rate, options.Arrival, seed, options.Batch.Rhythm, start, late);
        TickSchedule Schedule(DateTime start) => _makeSchedule(start, TimeSpan.Zero);
        _schedule = Schedule(time.GetUtcNow().UtcDateTime);
        _figures = new StreamFigures(options, time, server, Schedule);
        _clock = options.EventTime == EventTime.Now ? new EventClock(options, time, Schedule) : null;
    }

    /// <summary>What the stream has done so far, or had done when it ended.</summary>
    public StreamSummary Summary => _figures.Summary(_reason);

    /// <summary>
    /// Runs the stream; each batch comes as it is committed. When it is told to stop, the batch in hand is finished, or rolled back
    /// when that takes longer than <see cref="GracePeriod"/>, and the sequence ends without an error.
    /// </summary>
    /// <param name="stop">Tells it to stop.</param>
    /// <exception cref="StreamingException">A batch failed for good. <see cref="Summary"/> has what went before.</exception>
    public async IAsyncEnumerable<BatchResult> RunAsync([EnumeratorCancellation] CancellationToken stop)
    {
        using var control = StreamControl.Begin(_connection, () => Summary, stop);
        stop = control.Stopping;
        using var lag = BeginTelemetry();
        await FollowHistoryAsync(stop).ConfigureAwait(false);
        Report(BatchEvent.StreamStarted, $"Streaming {DisplayText.Tables(RowsOfBatch())} per batch, {_options.Rate:0.####} batches/s, {_options.Arrival}.");
        try
        {
            while (await NextTickAsync(control, stop).ConfigureAwait(false) && await RunBatchAsync(stop).ConfigureAwait(false) is { } result)
            {
                yield return result;
                await RemoveOldRowsAsync(stop).ConfigureAwait(false);
            }
        }
        finally
        {
            // Whoever enumerates may also have seen enough.
            _reason = _reason == StreamStopReason.Running ? StreamStopReason.Stopped : _reason;
            ReportMissed(_missed.Take(_figures.Elapsed, isEnd: true));
            ReportEnd();
            await RecordEndAsync().ConfigureAwait(false);
        }
    }

    /// <summary>After a history, the first tick is the one after its end: there is no gap, and no overlap.</summary>
    private async Task FollowHistoryAsync(CancellationToken stop)
    {
        if (_connection is null || _options is not { EventTime: EventTime.Now, Batch: { Seed: null, ReferenceTime: null } })
        {
            return;
        }

        try
        {
            if (await Watchdog.RunAsync(
                _options.Batch.StallTimeout, token => LedgerTimes.EndOfHistoryAsync(_connection, token), stop).ConfigureAwait(false) is { } end)
            {
                FollowHistory(end);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or Npgsql.NpgsqlException or StreamingException)
        {
            // Whatever is wrong, the first batch meets it too, and says so or retries; then the stream starts now.
        }
    }

    internal void FollowHistory(DateTime end)
    {
        var late = _time.GetUtcNow().UtcDateTime - _figures.Elapsed - end;
        if (late < TimeSpan.Zero || late > LongestSeam)
        {
            return;
        }

        _schedule = _makeSchedule(end, late);
        _clock?.StartAt(end + late);
        _schedule.Advance();
        _followsHistory = true;
    }

    /// <summary>Leaves word in the ledger that the stream ended, or paused, as requested; health would call it dead otherwise.</summary>
    private async Task RecordEndAsync()
    {
        if (_connection is null || _reason == StreamStopReason.Failed || Summary.Batches == 0)
        {
            return;
        }

        using var limit = new CancellationTokenSource(RecordTimeout);
        try
        {
            await StreamEnd.WriteAsync(_connection, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is Npgsql.NpgsqlException or StreamingException or IOException or TimeoutException or OperationCanceledException)
        {
            Report(BatchEvent.EndNotRecorded, $"The end of the stream could not be recorded in the ledger, so health will report it as overdue: {exception.Message}");
        }
    }

    /// <inheritdoc/>
    void IProgress<BatchEvent>.Report(BatchEvent value)
    {
        if (value.Name == BatchEvent.Retry)
        {
            _figures.Retry();
            _progress?.Report(Summary);
        }

        _events?.Report(value);
    }

    private StreamLag? BeginTelemetry()
    {
        if (_connection is null)
        {
            return null;
        }

        StreamingMeter.Begin(_connection);
        return new StreamLag(_connection, LagNow);
    }

    /// <summary>How late the last batch began, or how long the next should have begun by now; called from any thread.</summary>
    private TimeSpan LagNow()
    {
        var overdue = _figures.Elapsed - new TimeSpan(Volatile.Read(ref _nextDue));
        return overdue > _figures.Lag ? overdue : _figures.Lag;
    }

    /// <summary>Waits for the next tick; false when the stream ends before it.</summary>
    private async Task<bool> NextTickAsync(StreamControl control, CancellationToken stop)
    {
        TimeSpan due;
        do
        {
            await WhilePausedAsync(control, stop).ConfigureAwait(false);
            _reason = _figures.Limit;
            if (_reason != StreamStopReason.Running)
            {
                return false;
            }

            SkipMissedTicks();
            due = _schedule.Due;
            Volatile.Write(ref _nextDue, due.Ticks);
            var wake = due < _figures.End || _figures.End is null ? due : _figures.End.Value;
            await WaitAsync(wake, stop).ConfigureAwait(false);
        }
        while (control.IsPaused && !stop.IsCancellationRequested);
        _reason = stop.IsCancellationRequested ? StreamStopReason.Stopped : _figures.Limit;
        if (_reason != StreamStopReason.Running)
        {
            return false;
        }

        _figures.Begin(_figures.Elapsed - due);
        _window = _clock?.Next(_schedule, _figures.Elapsed);
        _schedule.Advance();
        Volatile.Write(ref _nextDue, _schedule.Due.Ticks);
        return true;
    }

    /// <summary>Begins nothing while the stream is paused. What would have been due then is not missed, and not caught up with.</summary>
    private async Task WhilePausedAsync(StreamControl control, CancellationToken stop)
    {
        if (!control.IsPaused)
        {
            return;
        }

        Volatile.Write(ref _nextDue, long.MaxValue);
        Report(BatchEvent.StreamPaused, $"The stream was paused.");
        await RecordEndAsync().ConfigureAwait(false);
        while (control.IsPaused && !stop.IsCancellationRequested && _figures.Limit == StreamStopReason.Running)
        {
            await Task.WhenAny(control.Resumed, Task.Delay(TimeSpan.FromSeconds(1), _time, stop)).ConfigureAwait(false);
            _progress?.Report(Summary);
        }

        while (_schedule.Due < _figures.Elapsed)
        {
            _schedule.Advance();
        }

        if (!control.IsPaused)
        {
            Report(BatchEvent.StreamResumed, $"The stream was resumed.");
        }
    }

    private void SkipMissedTicks()
    {
        var missed = 0L;
        _followsHistory &= _schedule.Due <= _figures.Elapsed;
        while (!_followsHistory && _options.CatchUp == CatchUp.None && _schedule.DueAfter <= _figures.Elapsed)
        {
            _schedule.Advance();
            missed++;
        }

        if (missed > 0)
        {
            _figures.Miss(missed);
            if (_connection is not null)
            {
                StreamingMeter.Miss(_connection, missed);
            }

            _missed.Add(missed);
        }

        ReportMissed(_missed.Take(_figures.Elapsed));
    }

    private void ReportMissed(long ticks)
    {
        if (ticks > 0)
        {
            Report(BatchEvent.TicksMissed, $"{(ticks == 1 ? "1 tick was" : DisplayText.Count(ticks) + " ticks were")} missed.", BatchEvent.Figure("ticks", ticks));
        }
    }

    private async Task WaitAsync(TimeSpan until, CancellationToken stop)
    {
        var second = TimeSpan.FromSeconds(1);
        while (until - _figures.Elapsed is { Ticks: > 0 } left && !stop.IsCancellationRequested)
        {
            // In steps of a second, so that whoever watches sees the time go by; in whole milliseconds, as timers are.
            var step = left < second ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)) : second;
            await Task.Delay(step, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _progress?.Report(Summary);
        }
    }

    /// <returns>The result; null when the stream was told to stop and the batch was rolled back.</returns>
    private async Task<BatchResult?> RunBatchAsync(CancellationToken stop)
    {
        using var cancel = new CancellationTokenSource();
        await using var grace = stop.Register(() => cancel.CancelAfter(GracePeriod)).ConfigureAwait(false);
        try
        {
            var result = await _runBatch(new BatchRun(this, _window, stop, cancel.Token)).ConfigureAwait(false);
            _figures.Add(result);
            _clock?.Add(result);
            _progress?.Report(Summary);
            return result;
        }
        catch (Exception exception) when (stop.IsCancellationRequested
            && (exception is OperationCanceledException || ServerError.IsTransient(exception)))
        {
            _reason = StreamStopReason.Stopped;
            if (exception is BatchCancelledException cancelled)
            {
                Report(BatchEvent.Cancelled, $"{cancelled.Message}");
            }

            return null;
        }
        catch
        {
            _reason = StreamStopReason.Failed;
            throw;
        }
    }

    /// <summary>Removes old rows until the next batch is due, a little at least.</summary>
    private async Task RemoveOldRowsAsync(CancellationToken stop)
    {
        if (_retention is null)
        {
            return;
        }

        try
        {
            _figures.Remove(await _retention.RunAsync(() => _schedule.Due > _figures.Elapsed, this, stop).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What was removed stays removed; the rest is for the next stream.
        }
        catch
        {
            _reason = StreamStopReason.Failed;
            throw;
        }
    }

    private IEnumerable<TableCount> RowsOfBatch() => (_options.UsualRows ?? _options.Batch.Rows).Select(table => new TableCount(table.Key, table.Value));

    private void ReportEnd()
    {
        var summary = Summary;
        Report(
            BatchEvent.StreamStopped,
            $"Stream ended: {summary}.",
            BatchEvent.Figure("reason", summary.StopReason.ToString()),
            BatchEvent.Figure("batches", summary.Batches),
            BatchEvent.Figure("rows", summary.Rows),
            BatchEvent.Figure("rows_removed", summary.RowsRemoved),
            BatchEvent.Figure("seconds", summary.Duration.TotalSeconds),
            BatchEvent.Figure("retries", summary.Retries),
            BatchEvent.Figure("missed_ticks", summary.MissedTicks),
            BatchEvent.Figure("max_lag_seconds", summary.MaxLag.TotalSeconds));
    }

    private void Report(string name, FormattableString text, params KeyValuePair<string, object>[] figures) =>
        _events?.Report(new BatchEvent { Name = name, Text = FormattableString.Invariant(text), Time = _time.GetUtcNow(), Figures = figures });

    private static Func<BatchRun, Task<BatchResult>> Batches(
        DatabaseConnection connection, StreamModel model, StreamOptions options, IProgress<BatchEvent>? events)
    {
        var batch = options.Batch with { Shape = new SchemaChangeDetector(options.Batch.OnSchemaChange, events) };
        return run => BatchRunner.RunAsync(connection, model, run.Window?.Of(batch) ?? batch, progress: null, run.Events, run.StopRetrying, run.Cancel);
    }

    private static StreamOptions Checked(StreamOptions options, StreamModel model)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(model);
        options.Batch.Check(model);
        options = options.For(model);
        options.Check(model);
        return options;
    }
}
