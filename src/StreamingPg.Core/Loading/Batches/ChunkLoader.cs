using System.Runtime.ExceptionServices;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>Loads one chunk of a batch, exactly once: retries transient failures, and finds out what became of a
/// commit whose answer was lost.</summary>
internal sealed class ChunkLoader
{
    private const int MaxClashes = 3;

    private readonly DatabaseConnection _connection;
    private readonly BatchRequest _request;
    private readonly BatchPlan? _plan;
    private readonly int _chunk;
    private readonly BatchProgressCounter? _progress;
    private ChunkResult? _unanswered;
    private int _clashes;
    private int _brokenSession;
    private LedgerClaim? _claim;

    /// <param name="connection">The database.</param>
    /// <param name="request">The batch.</param>
    /// <param name="plan">The plan; null for the first chunk, which makes it: batch number, existing parents, sequence values.</param>
    /// <param name="chunk">Number of the chunk.</param>
    /// <param name="progress">Gets the rows sent; may be null.</param>
    public ChunkLoader(DatabaseConnection connection, BatchRequest request, BatchPlan? plan, int chunk, BatchProgressCounter? progress)
    {
        _connection = connection;
        _request = request;
        _plan = plan;
        _chunk = chunk;
        _progress = progress;
    }

    /// <summary>Loads the chunk.</summary>
    /// <param name="retry">Repeats it.</param>
    /// <param name="cancellationToken">Cancels; nothing of the chunk stays then.</param>
    public async Task<ChunkResult> LoadAsync(TransientRetry retry, CancellationToken cancellationToken)
    {
        try
        {
            return await retry.RunAsync(repeats => LoadOnceAsync(repeats, cancellationToken), IsClash).ConfigureAwait(false);
        }
        catch (Exception exception) when (_unanswered is not null)
        {
            return await CommitInDoubt.WasCommittedAsync(_connection, _claim!, _brokenSession).ConfigureAwait(false) switch
            {
                true => _unanswered,
                null => throw CommitInDoubt.Error(_connection, _request.BatchId, exception),
                false => throw Same(exception),
            };
        }
    }

    /// <summary>The exception, which keeps telling where it came from.</summary>
    private static Exception Same(Exception exception)
    {
        ExceptionDispatchInfo.Throw(exception);
        return exception;
    }

    private async Task<ChunkResult> LoadOnceAsync(int repeats, CancellationToken cancellationToken)
    {
        using var guard = new Watchdog(_request.Options.StallTimeout, cancellationToken);
        var mayBeOutdated = TargetTables.IsRemembered(_connection, _request.Model);
        var mayHaveOldPlans = true;
        var attempt = new ChunkAttempt(_connection, _request, _plan, _chunk, repeats, new ChunkProgress(_progress, guard));
        _claim = attempt.Claim;
        try
        {
            while (true)
            {
                try
                {
                    if (await attempt.LoadAsync(result => _unanswered = result, _brokenSession, guard).ConfigureAwait(false) is { } result)
                    {
                        // A row that is there after a commit of ours was sent is ours: a retry gets here only when that
                        // transaction has ended.
                        return result.AlreadyLoaded && _unanswered is not null ? _unanswered : result;
                    }
                }
                catch (PostgresException exception) when (mayBeOutdated && TellsOfOtherTables(exception))
                {
                    // Checked again, the tables say better what is wrong, or nothing is.
                    mayBeOutdated = false;
                }
                catch (PostgresException exception) when (mayHaveOldPlans && IsOldPlan(exception))
                {
                    // New sessions have none.
                    mayHaveOldPlans = false;
                    _connection.DataSource.Clear();
                }

                TargetTables.Forget(_connection, _request.Model);
            }
        }
        catch (Exception exception)
        {
            // Whatever went wrong, what is remembered of the tables may have been the cause.
            TargetTables.Forget(_connection, _request.Model);
            _brokenSession = attempt.DeadBackend != 0 ? attempt.DeadBackend : _brokenSession;
            if (guard.HasStalled)
            {
                throw guard.Error(exception);
            }

            if (exception is NpgsqlException && cancellationToken.IsCancellationRequested)
            {
                // A write that was cut off looks like a broken connection.
                throw new OperationCanceledException("The batch was cancelled.", exception, cancellationToken);
            }

            throw;
        }
    }

    /// <summary>A name that is not there (class 42, rights apart), or a sequence that has come to its end.</summary>
    private static bool TellsOfOtherTables(PostgresException exception) =>
        (exception.SqlState.StartsWith("42", StringComparison.Ordinal) && exception.SqlState != PostgresErrorCodes.InsufficientPrivilege)
        || exception.SqlState is "2200H" or PostgresErrorCodes.NumericValueOutOfRange;

    /// <summary>A statement that was prepared before somebody changed the type of one of its columns.</summary>
    private static bool IsOldPlan(PostgresException exception) =>
        exception is { SqlState: PostgresErrorCodes.FeatureNotSupported, Routine: "RevalidateCachedQuery" };

    /// <summary>
    /// True the first times that the chunk meets what somebody else did meanwhile: deleted a parent that was picked, or drew a
    /// reserved sequence value. A retry picks and draws again; where the plan is settled it could not. Retention of another
    /// writer may well do so more than once.
    /// </summary>
    private bool IsClash(Exception exception)
    {
        if (_plan is not null || exception is not PostgresException
        {
            SqlState: PostgresErrorCodes.ForeignKeyViolation or PostgresErrorCodes.UniqueViolation,
        })
        {
            return false;
        }

        return ++_clashes <= MaxClashes;
    }
}
