using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Retention;

/// <summary>Closes a batch that nobody will complete: nothing more is loaded into it, and its rows are kept or removed.</summary>
internal sealed class BatchCloser
{
    private readonly DatabaseConnection _connection;
    private readonly StreamModel _model;
    private readonly Guid _batchId;

    private BatchCloser(DatabaseConnection connection, StreamModel model, Guid batchId)
    {
        _connection = connection;
        _model = model;
        _batchId = batchId;
    }

    /// <summary>Says what would be closed, and closes nothing.</summary>
    /// <inheritdoc cref="CloseAsync"/>
    public static async Task<ClosedBatch> PlanAsync(
        DatabaseConnection connection, StreamModel model, Guid batchId, ClosedRows rows, CancellationToken cancellationToken)
    {
        var closer = new BatchCloser(connection, model, batchId);
        var batch = await closer.ReadAsync(rows, cancellationToken).ConfigureAwait(false);
        if (rows == ClosedRows.Remove)
        {
            closer.KeysOf(batch);
        }

        return closer.Result(batch, rows) with { PlanOnly = true };
    }

    /// <summary>Closes a batch. A batch that was closed before can be closed again, to remove its rows.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables that the batch was of; needed to remove rows.</param>
    /// <param name="batchId">The batch.</param>
    /// <param name="rows">What happens to its rows.</param>
    /// <param name="cancellationToken">Cancels; what was done stays, and closing again does the rest.</param>
    /// <exception cref="StreamingException">There is no such batch, it is complete, or somebody is loading it.</exception>
    public static async Task<ClosedBatch> CloseAsync(
        DatabaseConnection connection, StreamModel model, Guid batchId, ClosedRows rows, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        var closer = new BatchCloser(connection, model, batchId);
        var batch = await closer.ReadAsync(rows, cancellationToken).ConfigureAwait(false);
        if (rows == ClosedRows.Remove)
        {
            closer.KeysOf(batch); // before anything is changed
        }

        await closer.TakeMissingChunksAsync(cancellationToken).ConfigureAwait(false);

        // A chunk that was being loaded meanwhile is one of the batch.
        batch = await closer.ReadAsync(rows, cancellationToken).ConfigureAwait(false);
        return rows == ClosedRows.Keep
            ? closer.Result(batch, rows)
            : closer.Result(batch, rows) with { Removed = await closer.RemoveAsync(batch, cancellationToken).ConfigureAwait(false) };
    }

    private async Task<IReadOnlyList<LedgerRow>> ReadAsync(ClosedRows rows, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await Session.BeginAsync(_connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
            var batch = await BatchLedger.ReadAsync(session.Open, _connection.Schema, _batchId, cancellationToken).ConfigureAwait(false);
            if (batch.Count == 0)
            {
                throw new StreamingException(
                    ErrorIds.BatchUnknown,
                    StreamingErrorKind.NotFound,
                    $"The ledger of {_connection} has no batch {_batchId}.",
                    "Get-StreamingBatch -Status Incomplete (streamingpg ledger --status Incomplete) lists the batches that can be closed.",
                    _batchId);
            }

            return batch.Count < batch[0].Chunks || batch.Any(chunk => chunk.IsClosed)
                ? batch
                : throw new StreamingException(
                    ErrorIds.BatchComplete,
                    StreamingErrorKind.InvalidInput,
                    $"Batch {_batchId} is complete, so there is nothing to close.",
                    rows == ClosedRows.Remove ? "Remove old rows with Remove-StreamingData (streamingpg prune)." : "",
                    _batchId);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, _connection, "Reading the ledger");
        }
    }

    private async Task TakeMissingChunksAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await Session.OpenAsync(_connection, SessionKind.Write, cancellationToken).ConfigureAwait(false);
            var commands = session.NewCommands();
            session.Begin(commands);
            commands.Query("SELECT set_config('lock_timeout', '2s', true)", _ => { });
            BatchLedger.Close(commands, _connection.Schema, _batchId, _ => { });
            session.Commit(commands);
            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new StreamingException(
                ErrorIds.BatchInUse,
                StreamingErrorKind.Timeout,
                $"Batch {_batchId} is being loaded by another session.",
                "Stop that session, or let it complete the batch.",
                _batchId,
                exception);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, _connection, "Closing a batch");
        }
    }

    private BatchKeys KeysOf(IReadOnlyList<LedgerRow> batch) =>
        new(_connection.Schema, PlanJson.Read(_model, batch[0]), batch.Where(chunk => !chunk.IsClosed).Select(chunk => chunk.Chunk));

    private async Task<IReadOnlyList<RemovalResult>> RemoveAsync(IReadOnlyList<LedgerRow> batch, CancellationToken cancellationToken)
    {
        var sweep = await RetentionSweep.OfBatchAsync(_connection, _model, KeysOf(batch), cancellationToken).ConfigureAwait(false);
        var results = new List<RemovalResult>();
        while (sweep.Current is { } table)
        {
            while (!table.IsDone)
            {
                await sweep.StepAsync(RetentionOptions.DefaultChunkSize, cancellationToken).ConfigureAwait(false);
            }

            results.AddRange(sweep.Next());
        }

        return results;
    }

    private ClosedBatch Result(IReadOnlyList<LedgerRow> batch, ClosedRows rows)
    {
        var loaded = batch.Where(chunk => !chunk.IsClosed).ToList();
        return new ClosedBatch
        {
            BatchId = _batchId,
            BatchNumber = batch[0].BatchNumber,
            Chunks = batch[0].Chunks,
            ChunksLoaded = loaded.Count,
            Loaded = [.. loaded.SelectMany(chunk => chunk.Rows).GroupBy(table => table.Key).Select(table => new TableCount(table.Key, table.Sum(rows => rows.Value)))],
            Rows = rows,
        };
    }
}
