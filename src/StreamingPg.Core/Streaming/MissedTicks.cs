namespace StreamingPg.Core.Streaming;

/// <summary>The ticks that a stream missed and has not reported: the first are reported at once, further ones together, so that a stream which is too fast for its server is
/// more than warnings.</summary>
internal sealed class MissedTicks
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private TimeSpan? _reported;
    private long _ticks;

    /// <summary>Counts missed ticks.</summary>
    /// <param name="ticks">How many.</param>
    public void Add(long ticks) => _ticks += ticks;

    /// <summary>The number to report now; 0 when there is none yet.</summary>
    /// <param name="elapsed">How long the stream has run.</param>
    /// <param name="isEnd">True when there will be no other report.</param>
    public long Take(TimeSpan elapsed, bool isEnd = false)
    {
        if (_ticks == 0 || (!isEnd && elapsed - _reported < Pause))
        {
            return 0;
        }

        (var ticks, _ticks, _reported) = (_ticks, 0, elapsed);
        return ticks;
    }
}
