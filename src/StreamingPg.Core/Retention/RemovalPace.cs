using System.Diagnostics;

namespace StreamingPg.Core.Retention;

/// <summary>Keeps removal to so many rows per second.</summary>
internal sealed class RemovalPace(double? rowsPerSecond)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>Most rows of the next transaction: no more than a second's.</summary>
    public int Most(int chunkSize) => (int)Math.Max(1, Math.Min(chunkSize, rowsPerSecond ?? chunkSize));

    /// <summary>Waits until so many rows may have been removed.</summary>
    public async Task WaitAsync(long removed, CancellationToken cancellationToken)
    {
        if (rowsPerSecond is { } rate && TimeSpan.FromSeconds(removed / rate) - Stopwatch.GetElapsedTime(_start) is { Ticks: > 0 } early)
        {
            await Task.Delay(early, cancellationToken).ConfigureAwait(false);
        }
    }
}
