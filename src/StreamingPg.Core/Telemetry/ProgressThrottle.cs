using System.Diagnostics;

namespace StreamingPg.Core.Telemetry;

/// <summary>Says when the progress of some work is to be shown: not before some time has passed, and then so often.</summary>
/// <param name="patience">Shorter work shows nothing.</param>
/// <param name="interval">Time from one display to the next.</param>
internal sealed class ProgressThrottle(TimeSpan patience, TimeSpan interval)
{
    private readonly object _sync = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _next = patience;

    /// <summary>Time since the work began.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>True once progress was shown.</summary>
    public bool IsShown { get; private set; }

    /// <summary>True for the one caller that shows progress now.</summary>
    public bool IsDue()
    {
        lock (_sync)
        {
            if (_clock.Elapsed < _next)
            {
                return false;
            }

            _next = _clock.Elapsed + interval;
            return IsShown = true;
        }
    }
}
