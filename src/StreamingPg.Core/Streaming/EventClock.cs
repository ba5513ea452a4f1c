using StreamingPg.Core.Loading;

namespace StreamingPg.Core.Streaming;

/// <summary>The stretch of time in which the events of a batch lie.</summary>
/// <param name="End">Its end, the tick of the batch; null when the batch is to find it.</param>
/// <param name="Length">Its length, back to the tick before.</param>
internal readonly record struct EventWindow(DateTime? End, TimeSpan Length)
{
    /// <summary>The options of a batch whose events lie in it.</summary>
    public BatchOptions Of(BatchOptions batch) => batch with { EventTime = EventTime.Now, ReferenceTime = End, EventSpan = Length, IsTick = true };
}

/// <summary>
/// Says in which stretch of time the events of each batch of a stream lie: between the tick before and its own, however late it is served. The
/// clock is the real one. With a reference time it starts there, with a seed alone at the newest reference time of the ledger, and
/// then goes on by a tick per batch, whatever the real time does: the same seed on the same contents gives the same rows.
/// </summary>
internal sealed class EventClock
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly bool _isReal;
    private readonly Func<DateTime, TickSchedule> _schedule;
    private readonly TimeSpan _interval;
    private TickSchedule? _own;
    private DateTime? _start;

    /// <param name="options">The stream.</param>
    /// <param name="time">The real clock, by which the stream starts now.</param>
    /// <param name="schedule">Makes a schedule like that of the stream, with another start.</param>
    public EventClock(StreamOptions options, TimeProvider time, Func<DateTime, TickSchedule> schedule)
    {
        _time = time;
        _schedule = schedule;
        _interval = TimeSpan.FromSeconds(1 / options.Rate);
        _isReal = options.Batch is { Seed: null, ReferenceTime: null };
        _start = _isReal ? time.GetUtcNow().UtcDateTime : options.Batch.ReferenceTime;
    }

    /// <summary>Sets the start of a real clock, by which the schedule counts.</summary>
    public void StartAt(DateTime start) => _start = start;

    /// <summary>The stretch of time of the next batch.</summary>
    /// <param name="schedule">The stream's schedule, at the tick that the batch serves.</param>
    /// <param name="elapsed">Time since the start of the stream.</param>
    public EventWindow Next(TickSchedule schedule, TimeSpan elapsed)
    {
        if (_start is not { } start)
        {
            return new EventWindow(null, Whole(_interval));
        }

        // The clock was set, or the machine slept: times go by the clock. Small differences are noise, and ticks have no gap between them.
        if (_isReal && _time.GetUtcNow().UtcDateTime - elapsed is var now && (now - start).Duration() > Tolerance)
        {
            _start = start = now;
        }

        var ticks = _isReal ? schedule : _own ??= _schedule(start);
        var (before, end) = (Whole(start + ticks.DueBefore), Whole(start + ticks.Due));
        return new EventWindow(end, end - before);
    }

    /// <summary>A batch was committed.</summary>
    public void Add(BatchResult result)
    {
        if (!_isReal)
        {
            _start ??= result.ReferenceTime;
            (_own ??= _schedule(_start.Value)).Advance();
        }
    }

    // The database keeps microseconds.
    private static DateTime Whole(DateTime time) => new(time.Ticks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc);

    private static TimeSpan Whole(TimeSpan time) => new(time.Ticks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond);
}
