namespace StreamingPg.Tests.Unit.Streaming;

/// <summary>A clock that moves only when it is told to, or when somebody waits: a wait ends at once, and takes its time.</summary>
internal sealed class ManualTime : TimeProvider
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private TimeSpan _elapsed;
    private TimeSpan _set;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public TimeSpan Elapsed => _elapsed;

    public void Advance(TimeSpan time) => _elapsed += time;

    /// <summary>Sets the clock forward; no time passes.</summary>
    public void Set(TimeSpan forward) => _set += forward;

    public override DateTimeOffset GetUtcNow() => Begin + _elapsed + _set;

    public override long GetTimestamp() => _elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= TimeSpan.Zero)
        {
            _elapsed += dueTime;
            ThreadPool.QueueUserWorkItem(_ => callback(state));
        }

        return new NoTimer();
    }

    private sealed class NoTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
