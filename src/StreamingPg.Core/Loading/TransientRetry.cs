using System.Diagnostics;
using Npgsql;
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

    // A standby that took over must not wait for us.
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(500);

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

    /// <summary>Cancelled when no further attempt is allowed, because the work was told to stop.</summary>
    public CancellationToken StopRetrying => _stopRetrying;

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
                    !_stopRetrying.IsCancellationRequested
                    && outcome.Outcome.Exception is { } exception
                    && Stopwatch.GetElapsedTime(firstFailure.Value) < _rule.RetryTimeout
                    && (ServerError.IsTransient(exception) || _connection.MustFindHost(exception) || isWorthRepeating(exception)));
            },
            DelayGenerator = retry => ValueTask.FromResult<TimeSpan?>(HasNoServer(retry.Outcome.Exception) ? TimeSpan.Zero : null),
            OnRetry = async retry =>
            {
                var cause = retry.Outcome.Exception!;
                repeats++;
                Interlocked.Increment(ref _count);
                if (HasNoServer(cause))
                {
                    var limit = Pause(repeats);
                    Report(repeats, $"as soon as a connection is possible, in {DisplayText.Duration(limit)} at the latest", limit, cause);
                    await WaitForServerAsync(limit).ConfigureAwait(false);
                }
                else
                {
                    Report(repeats, $"in {DisplayText.Duration(retry.RetryDelay)}", retry.RetryDelay, cause);
                }
            },
        }).Build();
        return await pipeline.ExecuteAsync(async _ => await attempt(repeats).ConfigureAwait(false), _stopRetrying)
            .ConfigureAwait(false);
    }

    /// <summary>True when the attempt got no connection (nothing else is translated before it gets here), or a pooler had no server for it.</summary>
    private static bool HasNoServer(Exception? cause) =>
        cause is StreamingException || (cause is PostgresException reported && PoolerError.IsTransient(reported));

    /// <summary>The pause before a retry, without the variation that keeps many clients apart.</summary>
    private static TimeSpan Pause(int number) =>
        TimeSpan.FromTicks((long)Math.Min(FirstPause.Ticks * Math.Pow(2, number - 1), LongestPause.Ticks));

    /// <summary>
    /// Waits until a connection is possible. The pauses before retries grow, so that a server in trouble is left in peace; one that is
    /// back, or has taken over from another, would have to wait for their end. To ask whether it is there costs it next to nothing.
    /// </summary>
    private async Task WaitForServerAsync(TimeSpan limit)
    {
        var begin = Stopwatch.GetTimestamp();
        while (limit - Stopwatch.GetElapsedTime(begin) is { Ticks: > 0 } left)
        {
            await Task.Delay(left < ProbePause ? left : ProbePause, _stopRetrying).ConfigureAwait(false);
            try
            {
                // A pooler lets a client in before it has a server. One that lets us in and then says nothing must not hold us up.
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopRetrying);
                patience.CancelAfter(limit);
                await using var session = await Session.BeginAsync(_connection, SessionKind.Read, patience.Token).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (!_stopRetrying.IsCancellationRequested)
            {
                // It says nothing: the attempt has a stall timeout.
            }
            catch (Exception exception) when (exception is StreamingException or NpgsqlException)
            {
                if (!ServerError.IsTransient(exception))
                {
                    return; // the attempt says why
                }
            }
        }
    }

    private void Report(int number, string when, TimeSpan pause, Exception cause)
    {
        var error = ServerError.Translate(cause, _connection, _rule.Operation);
        _telemetry.Retried(error);
        _events?.Report(new BatchEvent
        {
            Name = BatchEvent.Retry,
            BatchId = _rule.BatchId,
            Text = $"Retry {number} of at most {_rule.MaxRetry} {when}. {(number == 1 ? error.Message : error.Problem)}", // the advice once
            Figures = [BatchEvent.Figure("retry", number), BatchEvent.Figure("pause_seconds", pause.TotalSeconds)],
            Error = error,
        });
    }
}
