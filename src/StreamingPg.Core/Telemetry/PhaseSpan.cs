using System.Diagnostics;

namespace StreamingPg.Core.Telemetry;

/// <summary>The span of a phase. Disposed without having been completed, it failed.</summary>
internal readonly struct PhaseSpan(Activity? span) : IDisposable
{
    /// <summary>The phase did what it should.</summary>
    public void Complete() => span?.Stop();

    public void Dispose()
    {
        if (span is { IsStopped: false })
        {
            // Why, the span of the batch says.
            span.SetStatus(ActivityStatusCode.Error);
            span.Dispose();
        }
    }
}
