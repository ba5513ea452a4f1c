using System.Runtime.CompilerServices;

namespace StreamingPg.Core.Dashboard;

/// <summary>Reads at each interval, once for all who listen, and nothing while nobody does.</summary>
/// <param name="read">Reads, and says what the listeners get; says so itself when it cannot.</param>
/// <param name="interval">Time from reading to reading.</param>
/// <param name="time">The clock.</param>
internal sealed class DashboardFeed(Func<CancellationToken, Task<string>> read, TimeSpan interval, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _isAwaited = new(0, 1);
    private readonly SemaphoreSlim _isUrgent = new(0, 1);
    private TaskCompletionSource<string> _next = NewSource();
    private string? _latest;
    private int _listeners;

    /// <summary>How often was read.</summary>
    public int Readings { get; private set; }

    /// <summary>Reads until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            if (Volatile.Read(ref _listeners) == 0)
            {
                _latest = null;
                await _isAwaited.WaitAsync(stop).ConfigureAwait(false);
                continue;
            }

            var start = time.GetTimestamp();
            _latest = await read(stop).ConfigureAwait(false);
            Readings++;
            var reached = _next;
            _next = NewSource();
            reached.SetResult(_latest);
            var left = interval - time.GetElapsedTime(start);
            await _isUrgent.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Reads at once, because something changed.</summary>
    public void Refresh() => Release(_isUrgent);

    /// <summary>What was read last, and then each time what is read.</summary>
    public async IAsyncEnumerable<string> ListenAsync([EnumeratorCancellation] CancellationToken stop)
    {
        Interlocked.Increment(ref _listeners);
        Release(_isAwaited);
        try
        {
            var next = _next;
            if (_latest is { } latest)
            {
                yield return latest;
            }

            while (true)
            {
                var text = await next.Task.WaitAsync(stop).ConfigureAwait(false);
                next = _next;
                yield return text;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _listeners);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isAwaited.Dispose();
        _isUrgent.Dispose();
    }

    private static void Release(SemaphoreSlim semaphore)
    {
        try
        {
            semaphore.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awaited already.
        }
    }

    private static TaskCompletionSource<string> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
