using System.Diagnostics;
using Polly;
using Polly.Retry;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading;

/// <summary>How work is retried after a transient error.</summary>
/// <param name="Operation">What is being done, for the words of an error.</param>
/// <param name="MaxRetry">Maximum retries of a transaction; 0 disables retries.</param>
/// <param name="RetryTimeout">Stop retrying this long after the first failure of the same transaction.</param>
/// <param name="BatchId">The batch concerned, or null.</param>
internal sealed record RetryRule(string Operation, int MaxRetry, TimeSpan RetryTimeout, Guid? BatchId = null);

/// <summary>Retries transactions after transient errors, with an increasing, random delay.</summary>
internal sealed class TransientRetry
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly DatabaseConnection _connection;
    private readonly RetryRule _rule;
    private readonly IProgress<BatchEvent>? _events;
    private readonly BatchTelemetry _telemetry;
    private readonly CancellationToken _stopRetrying;
    private int _count;

    /// <param name="connection">The database, for the words of an error.</param>
    /// <param name="rule">How often and how long; and what for, in the words of an error.</param>
    /// <param name="events">Gets every retry; may be null.</param>
    /// <param name="telemetry">Counts every retry.</param>
    /// <param name="stopRetrying">Ends pauses and forbids further attempts; the attempt in hand goes on.</param>
    public TransientRetry(
        DatabaseConnection connection,
        RetryRule rule,
        IProgress<BatchEvent>? events,
        BatchTelemetry telemetry,
        CancellationToken stopRetrying)
    {
        _connection = connection;
        _rule = rule;
        _events = events;
        _telemetry = telemetry;
        _stopRetrying = stopRetrying;
    }

    /// <summary>Repeats of all transactions so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Runs a transaction until it succeeds, fails for good, or has used up its attempts or its time.</summary>
    /// <param name="attempt">One attempt; gets the number of repeats before it.</param>
    /// <param name="isWorthRepeating">Says of an error that is not transient in itself whether it is for this transaction.</param>
    public async Task<T> RunAsync<T>(Func<int, Task<T>> attempt, Func<Exception, bool> isWorthRepeating)
    {
        if (_rule.MaxRetry == 0)
        {
            return await attempt(0).ConfigureAwait(false);
        }

        var repeats = 0;
        long? firstFailure = null;
        var pipeline = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = _rule.MaxRetry,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = FirstPause,
            MaxDelay = LongestPause,
            ShouldHandle = outcome =>
            {
                firstFailure ??= Stopwatch.GetTimestamp();
                return ValueTask.FromResult(
                    outcome.Outcome.Exception is { } exception
                    && Stopwatch.GetElapsedTime(firstFailure.Value) < _rule.RetryTimeout
                    && (ServerError.IsTransient(exception) || isWorthRepeating(exception)));
            },
            OnRetry = retry =>
            {
                repeats++;
                Interlocked.Increment(ref _count);
                Report(repeats, retry.RetryDelay, retry.Outcome.Exception!);
                return ValueTask.CompletedTask;
            },
        }).Build();
        return await pipeline.ExecuteAsync(async _ => await attempt(repeats).ConfigureAwait(false), _stopRetrying)
            .ConfigureAwait(false);
    }

    private void Report(int number, TimeSpan pause, Exception cause)
    {
        var error = ServerError.Translate(cause, _connection, _rule.Operation);
        _telemetry.Retried(error);
        _events?.Report(new BatchEvent
        {
            Name = BatchEvent.Retry,
            BatchId = _rule.BatchId,
            Text = $"Retry {number} of at most {_rule.MaxRetry} in {DisplayText.Duration(pause)}. {error.Message}",
            Figures = [BatchEvent.Figure("retry", number), BatchEvent.Figure("pause_seconds", pause.TotalSeconds)],
            Error = error,
        });
    }
}
