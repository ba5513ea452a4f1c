namespace StreamingPg.Core.Streaming;

/// <summary>Counts what a stream does.</summary>
internal sealed class StreamFigures
{
    private readonly StreamOptions _options;
    private readonly TimeProvider _time;
    private readonly string _server;
    private readonly DateTime _startedAt;
    private readonly long _start;
    private readonly TickSchedule _plan;
    private long _retries;

    public StreamFigures(StreamOptions options, TimeProvider time, string server, Func<DateTime, TickSchedule> schedule)
    {
        _options = options;
        _time = time;
        _server = server;
        _startedAt = time.GetUtcNow().UtcDateTime;
        _plan = schedule(_startedAt);
        _start = time.GetTimestamp();
        var untilEnd = options.Until - time.GetUtcNow();
        End = untilEnd < options.Duration || options.Duration is null ? untilEnd : options.Duration;
    }

    /// <summary>Time since the start, by a clock that nobody sets.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>No batch begins later than this after the start; null when there is no such limit.</summary>
    public TimeSpan? End { get; }

    /// <summary>Batches that were committed.</summary>
    public long Batches { get; private set; }

    /// <summary>Rows that they loaded.</summary>
    public long Rows { get; private set; }

    private long LateRows { get; set; }

    private long RowsRemoved { get; set; }

    /// <summary>How long after its tick the last batch began.</summary>
    public TimeSpan Lag { get; private set; }

    private TimeSpan MaxLag { get; set; }

    private long MissedTicks { get; set; }

    /// <summary>A limit that was reached, or <see cref="StreamStopReason.Running"/>.</summary>
    public StreamStopReason Limit =>
        Batches >= _options.MaxBatches ? StreamStopReason.MaxBatches
        : Rows >= _options.MaxRows ? StreamStopReason.MaxRows
        : Elapsed >= End ? StreamStopReason.TimeIsUp
        : StreamStopReason.Running;

    /// <summary>A batch starts this long after its tick.</summary>
    public void Begin(TimeSpan lag)
    {
        Lag = lag > TimeSpan.Zero ? lag : TimeSpan.Zero;
        MaxLag = Lag > MaxLag ? Lag : MaxLag;
    }

    /// <summary>A batch was committed.</summary>
    public void Add(BatchResult result)
    {
        Batches++;
        Rows += result.TotalRows;
        LateRows += result.LateRows;
    }

    /// <summary>Retention removed rows.</summary>
    public void Remove(long rows) => RowsRemoved += rows;

    /// <summary>Ticks went by.</summary>
    public void Miss(long ticks) => MissedTicks += ticks;

    /// <summary>An attempt is repeated.</summary>
    public void Retry() => Interlocked.Increment(ref _retries);

    /// <summary>The figures so far.</summary>
    public StreamSummary Summary(StreamStopReason reason)
    {
        var elapsed = Elapsed;
        return new StreamSummary
        {
            Batches = Batches,
            Rows = Rows,
            LateRows = LateRows,
            RowsRemoved = RowsRemoved,
            StartedAt = _startedAt,
            Duration = elapsed,
            TargetBatchesPerSecond = _options.Batch.Rhythm is not null && elapsed > TimeSpan.Zero ? _plan.PlannedWithin(elapsed) / elapsed.TotalSeconds : _options.Rate,
            PlannedBatchesPerSecond = _plan.RateAt(elapsed),
            Lag = Lag,
            MaxLag = MaxLag,
            MissedTicks = MissedTicks,
            Retries = Interlocked.Read(ref _retries),
            TimeLeft = reason == StreamStopReason.Running ? TimeLeft(elapsed) : TimeSpan.Zero,
            StopReason = reason,
            Server = _server,
        };
    }

    private TimeSpan? TimeLeft(TimeSpan elapsed)
    {
        TimeSpan?[] limits =
        [
            End - elapsed,
            Left(_options.MaxBatches, Batches, elapsed),
            Left(_options.MaxRows, Rows, elapsed),
        ];
        return limits.Min() is { } least ? TimeSpan.FromTicks(Math.Max(0, least.Ticks)) : null;
    }

    private static TimeSpan? Left(long? most, long done, TimeSpan elapsed) =>
        most is { } limit && done > 0 ? elapsed * ((double)(limit - done) / done) : null;
}
