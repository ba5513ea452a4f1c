using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading;

/// <summary>Finds out what became of a commit whose answer nobody waits for any more: work was stopped, or its repeats are used up.</summary>
internal static class CommitInDoubt
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Whoever stops a stream is promised an end within five seconds.
    private static readonly TimeSpan PatienceWhenStopped = TimeSpan.FromSeconds(1);

    /// <summary>True when the chunk is committed, false when it is not; null when the server cannot be asked.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="claim">The chunk.</param>
    /// <param name="deadBackend">The session that sent the commit.</param>
    /// <param name="time">Gets the time of the commit; may be null.</param>
    /// <param name="stop">Cancelled when somebody waits for the end of the work, also while the server is asked.</param>
    public static async Task<bool?> WasCommittedAsync(
        DatabaseConnection connection, LedgerClaim claim, DeadBackend deadBackend, Action<DateTime>? time, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(Patience);
        await using var sooner = stop.Register(() => patience.CancelAfter(PatienceWhenStopped));
        try
        {
            await using var session = await Session.BeginAsync(connection, SessionKind.Write, patience.Token).ConfigureAwait(false);
            await deadBackend.EndAsync(session, patience.Token).ConfigureAwait(false);

            // The claim waits for the transaction to end, and is never committed itself.
            var (isMissing, isClosed) = (false, false);
            var commands = session.NewCommands();
            BatchLedger.Claim(commands, connection.Schema, claim with { BatchNumber = null }, _ => isMissing = true);
            commands.Query(
                $"SELECT kind = '{LedgerKind.Closed}', committed_at FROM {connection.Quote(LedgerTable.Name)} WHERE batch_id = $1 AND part = $2",
                row =>
                {
                    isClosed = row.GetBoolean(0);
                    time?.Invoke(row.GetDateTime(1));
                },
                Parameter.Of(claim.BatchId),
                Parameter.Of(claim.Chunk));
            await commands.ExecuteAsync(patience.Token).ConfigureAwait(false);
            if (isMissing || isClosed)
            {
                return false;
            }

            var confirmation = session.NewCommands();
            BatchLedger.Confirm(confirmation, connection.Schema, claim);
            session.Commit(confirmation);
            await confirmation.ExecuteAsync(patience.Token).ConfigureAwait(false);
            patience.Token.ThrowIfCancellationRequested(); // see ChunkTransaction.CommitAsync
            return true;
        }
        catch (Exception exception) when (exception is NpgsqlException or StreamingException or OperationCanceledException or IOException or TimeoutException)
        {
            return null;
        }
    }

    /// <summary>The error when the server cannot be asked.</summary>
    public static StreamingException Error(DatabaseConnection connection, LedgerClaim claim, Exception cause)
    {
        var what = claim.Kind == LedgerKind.Import ? $"import {claim.BatchId}"
            : claim.Chunks > 1 ? $"chunk {claim.Chunk + 1} of batch {claim.BatchId}"
            : $"batch {claim.BatchId}";
        var why = cause is OperationCanceledException ? "It was stopped while it was being committed." : ServerError.Translate(cause, connection).Problem;
        var next = claim.Kind == LedgerKind.Import ? "If it is there, everything was imported; otherwise nothing was, and you can import again."
            : claim.Chunks > 1 ? $"If it is there, load the rest: {ResumeCommand(claim.BatchId)}. Otherwise nothing of it was loaded."
            : "Running the batch again with this id does not load it twice.";
        return new StreamingException(
            ErrorIds.CommitUnknown,
            StreamingErrorKind.ConnectionFailed,
            $"{connection} did not answer whether {what} was committed. {why}",
            $"Get-StreamingBatch {claim.BatchId} (streamingpg ledger --batch-id {claim.BatchId}) shows it when the server is available again. {next}",
            claim.BatchId,
            cause);
    }

    /// <summary>The command that loads the chunks that a large batch lacks.</summary>
    public static string ResumeCommand(Guid batchId) =>
        $"Invoke-StreamingBatch -Resume -BatchId {batchId} (streamingpg batch --resume --batch-id {batchId})";
}

/// <summary>A session of the server whose connection broke.</summary>
internal sealed class DeadBackend
{
    /// <summary>Its process id; 0 when there is none.</summary>
    public int ProcessId { get; set; }

    /// <summary>
    /// Ends what may be left of an attempt whose connection broke without the server's noticing: the claim in the ledger would
    /// wait for it. Should the number belong to another session of ours by now, that one repeats its transaction.
    /// </summary>
    public async Task EndAsync(Session session, CancellationToken cancellationToken)
    {
        if (ProcessId == 0)
        {
            return;
        }

        var commands = session.NewCommands();
        session.Begin(commands);
        commands.Query(
            """
            SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
            WHERE pid = $1 AND datname = current_database() AND usename = current_user
              AND application_name = current_setting('application_name') AND state <> 'idle'
            """,
            _ => { },
            Parameter.Of(ProcessId));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }
}
