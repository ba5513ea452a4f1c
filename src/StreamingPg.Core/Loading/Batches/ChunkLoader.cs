using System.Runtime.ExceptionServices;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>
/// Loads one chunk of a batch, exactly once: retries transient failures, and finds out what became of a commit whose answer was lost.
/// </summary>
internal sealed class ChunkLoader
{
    private const int MaxConflicts = 3;

    private readonly DatabaseConnection _connection;
    private readonly BatchRequest _request;
    private readonly BatchPlan? _plan;
    private readonly LedgerClaim _claim;
    private readonly BatchProgressCounter? _progress;
    private readonly DeadBackend _deadBackend = new();
    private ChunkResult? _inDoubt;
    private int _conflicts;

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
        _progress = progress;
        _claim = new LedgerClaim
        {
            BatchId = request.BatchId,
            Chunk = chunk,
            Chunks = plan?.Chunks ?? request.Chunks,
            BatchNumber = plan?.BatchNumber,
            Seed = plan?.Seed ?? request.Settings.Seed,
            ReferenceTime = plan?.ReferenceTime ?? request.Settings.ReferenceTime,
        };
    }

    /// <summary>Loads the chunk.</summary>
    /// <param name="retry">Retries it.</param>
    /// <param name="cancellationToken">Cancels; nothing of the chunk stays then.</param>
    public async Task<ChunkResult> LoadAsync(TransientRetry retry, CancellationToken cancellationToken)
    {
        try
        {
            return await retry.RunAsync(retries => AttemptAsync(retries, cancellationToken), IsConflict).ConfigureAwait(false);
        }
        catch (Exception exception) when (_inDoubt is not null)
        {
            DateTime committedAt = default;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(retry.StopRetrying, cancellationToken);
            return await CommitInDoubt.WasCommittedAsync(_connection, _claim, _deadBackend, time => committedAt = time, stop.Token).ConfigureAwait(false) switch
            {
                true => _inDoubt with { CommittedAt = committedAt },
                null => throw CommitInDoubt.Error(_connection, _claim, exception),
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

    /// <summary>
    /// One attempt, under the eyes of a watchdog. It starts over if the tables, or the statements of a session, turn out to be from before
    /// a change.
    /// </summary>
    private async Task<ChunkResult> AttemptAsync(int retries, CancellationToken cancellationToken)
    {
        using var watchdog = new Watchdog(_request.Options.StallTimeout, cancellationToken);
        for (var remembered = new Remembered(_connection, _request.Model); ; TargetTables.Forget(_connection, _request.Model))
        {
            // What an earlier attempt left in doubt stays so, whatever the server answers to this one.
            var before = _inDoubt;
            try
            {
                var transaction = await ChunkTransaction.BeginAsync(_connection, _request, _claim, _plan, _deadBackend, watchdog).ConfigureAwait(false);
                await using (transaction.ConfigureAwait(false))
                {
                    var attempt = new ChunkAttempt(transaction, retries, _progress);
                    if (await attempt.RunAsync(result => _inDoubt = result).ConfigureAwait(false) is { } result)
                    {
                        // A row that is there after a commit of ours was sent is ours: a retry gets here only when that transaction has ended.
                        return result.AlreadyLoaded && _inDoubt is not null ? _inDoubt with { CommittedAt = result.CommittedAt } : result;
                    }
                }
            }
            catch (Exception exception) when (remembered.IsOutdatedBy(exception))
            {
                // Read again, the tables say better what is wrong, or nothing is. This attempt committed nothing.
                _inDoubt = before;
            }
            catch (Exception exception)
            {
                if (IsRefused(exception))
                {
                    _inDoubt = before;
                }

                // Whatever went wrong, what is remembered of the tables may have been the cause.
                TargetTables.Forget(_connection, _request.Model);
                throw watchdog.HasStalled ? watchdog.Error(exception)
                    : exception is NpgsqlException && cancellationToken.IsCancellationRequested
                        ? new OperationCanceledException("The batch was cancelled.", exception, cancellationToken) // a write that was cut off looks like a broken connection
                        : Same(exception);
            }
        }
    }

    /// <summary>True when the server answered that it did not commit; a session that it ended may have committed before.</summary>
    private static bool IsRefused(Exception exception) => exception
        is PostgresException { InvariantSeverity: "ERROR" }
        or StreamingException { ErrorId: ErrorIds.VerificationFailed };

    /// <summary>
    /// True the first times that the chunk meets what somebody else did meanwhile: deleted a parent that was picked, or drew a
    /// reserved sequence value. A retry picks and draws anew; where the plan is settled it could not. Retention of another
    /// writer may well do so more than once.
    /// </summary>
    private bool IsConflict(Exception exception)
    {
        if (_plan is not null || !_request.Options.RetriesConflicts || exception is not PostgresException error
            || ShardError.StateOf(error) is not (PostgresErrorCodes.ForeignKeyViolation or PostgresErrorCodes.UniqueViolation))
        {
            return false;
        }

        return ++_conflicts <= MaxConflicts;
    }

    /// <summary>What is remembered of the tables, and by a session of its statements, which a change may have outdated: each is forgiven once.</summary>
    private sealed class Remembered(DatabaseConnection connection, StreamModel model)
    {
        private bool _tables = TargetTables.IsRemembered(connection, model);
        private bool _statements = true;

        public bool IsOutdatedBy(Exception exception)
        {
            if (_tables && TellsOfOtherTables(exception))
            {
                _tables = false;
                return true;
            }

            if (_statements && exception is PostgresException error && ServerError.IsOldPlan(error))
            {
                // New sessions have none.
                _statements = false;
                connection.DataSource.Clear();
                return true;
            }

            return false;
        }

        /// <summary>A name that is not there (class 42, rights apart), or a sequence that has come to its end.</summary>
        private static bool TellsOfOtherTables(Exception exception) => exception switch
        {
            PostgresException { SqlState: var state } =>
                (state.StartsWith("42", StringComparison.Ordinal) && state != PostgresErrorCodes.InsufficientPrivilege)
                || state is "2200H" or PostgresErrorCodes.NumericValueOutOfRange,
            StreamingException error => error.ErrorId == ErrorIds.SequenceExhausted,
            _ => false,
        };
    }
}
