using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>
/// Loads rows that come from outside, in one transaction and in constant memory: parents before children whatever order
/// the rows come in.
/// </summary>
/// <remarks>Rows of the first table that refers to nothing go to the server as they come; rows of other tables wait in a
/// temporary file for their turn. Foreign keys are checked by PostgreSQL's own triggers.</remarks>
public sealed class RowImporter : IAsyncDisposable
{
    private readonly DatabaseConnection _connection;
    private readonly StreamModel _model;
    private readonly NpgsqlConnection _open;
    private readonly NpgsqlTransaction _transaction;
    private readonly LedgerClaim _claim;
    private readonly CancellationToken _cancellationToken;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Dictionary<(TableModel Table, bool SequenceGivesKey), ImportLane> _lanes = [];
    private readonly Dictionary<TableModel, long> _highestKeys = [];
    private readonly InsertCounter _inserted;
    private LiveCopy? _live;
    private long _rows;
    private bool _isBroken;

    private RowImporter(
        DatabaseConnection connection,
        StreamModel model,
        NpgsqlConnection open,
        NpgsqlTransaction transaction,
        LedgerClaim claim,
        InsertCounter inserted,
        CancellationToken cancellationToken)
    {
        _connection = connection;
        _model = model;
        _open = open;
        _transaction = transaction;
        _claim = claim;
        _inserted = inserted;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Opens a connection, looks whether the tables fit, and begins the transaction with its ledger row.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="cancellationToken">Cancels the whole import.</param>
    /// <exception cref="StreamingException">The server cannot be reached, or a table is missing or does not fit.</exception>
    public static async Task<RowImporter> BeginAsync(
        DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        var open = await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var transaction = await open.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            TargetTables.Forget(connection, model);
            await TargetTables.GetAsync(open, connection, model, cancellationToken).ConfigureAwait(false);
            var claim = new LedgerClaim { BatchId = Guid.NewGuid(), Kind = LedgerClaim.Import };
            var trip = new RoundTrip(open);
            BatchLedger.Claim(trip, connection.Schema, claim, _ => { });
            var inserted = new InsertCounter(connection.Schema);
            foreach (var table in model.Tables)
            {
                inserted.Begin(trip, table);
            }

            await trip.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            return new RowImporter(connection, model, open, transaction, claim, inserted, cancellationToken);
        }
        catch (Exception exception)
        {
            await open.DisposeAsync().ConfigureAwait(false);
            if (exception is NpgsqlException)
            {
                throw ServerError.Translate(exception, connection, "Beginning an import");
            }

            throw;
        }
    }

    /// <summary>Adds a row; blocks while the server is behind.</summary>
    /// <param name="table">Table of the model.</param>
    /// <param name="values">One value per column of the table, in the order of the model; null for no value. A sequence
    /// column without a value gets the next one.</param>
    /// <exception cref="StreamingException">A value does not fit its column (row number, column, value and reason are in the
    /// message), or the server refused; nothing of the import stays.</exception>
    public void Add(TableModel table, ReadOnlySpan<object?> values)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, table.Columns.Count);

        // Until the row is in: an import that lost a row must not be completed.
        _isBroken = true;
        AddRow(table, values);
        _isBroken = false;
    }

    private void AddRow(TableModel table, ReadOnlySpan<object?> values)
    {
        _rows++;
        var lane = LaneFor(table, values);
        if (lane.Add(values, _rows) is not { } full)
        {
            return;
        }

        if (lane.Spool is { } spool)
        {
            spool.Add(full);
            return;
        }

        try
        {
            _live!.Send(full);
        }
        catch (NpgsqlException exception)
        {
            throw Translate(exception, table, _cancellationToken);
        }
    }

    /// <summary>Sends what is left, keeps the sequences ahead and commits.</summary>
    /// <returns>One result per table that got rows, in loading order.</returns>
    /// <exception cref="StreamingException">The server refused; nothing of the import stays.</exception>
    /// <exception cref="InvalidOperationException">A row was refused before.</exception>
    public async Task<IReadOnlyList<ImportResult>> CompleteAsync(CancellationToken cancellationToken)
    {
        if (_isBroken)
        {
            throw new InvalidOperationException("A row of this import was refused: it can only be disposed, and nothing of it stays.");
        }

        try
        {
            await CompleteLanesAsync(cancellationToken).ConfigureAwait(false);
            var rows = await CountAsync(cancellationToken).ConfigureAwait(false);
            var trip = new RoundTrip(_open);
            BatchLedger.Complete(trip, _connection.Schema, _claim, rows, ForeignKeyCheck.Row, retries: 0, plan: null, _ => { });
            await trip.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            await _transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return
            [
                .. rows.Select(table => new ImportResult
                {
                    BatchId = _claim.BatchId,
                    Table = table.Key,
                    Rows = table.Value,
                    Duration = Stopwatch.GetElapsedTime(_started),
                }),
            ];
        }
        catch (NpgsqlException exception)
        {
            throw Translate(exception, null, cancellationToken);
        }
    }

    /// <summary>Rolls back unless <see cref="CompleteAsync"/> has committed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_live is { } live)
        {
            _live = null;
            await live.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var lane in _lanes.Values)
        {
            lane.Dispose();
        }

        await _transaction.DisposeAsync().ConfigureAwait(false);
        await _open.DisposeAsync().ConfigureAwait(false);
    }

    private ImportLane LaneFor(TableModel table, ReadOnlySpan<object?> values)
    {
        var sequenceGivesKey = false;
        if (table.SequenceColumn is { } column)
        {
            var value = values[SequenceIndex(table)];
            sequenceGivesKey = ImportLane.IsNothing(value, column);
            if (!sequenceGivesKey)
            {
                RememberKey(table, value!);
            }
        }

        if (!_lanes.TryGetValue((table, sequenceGivesKey), out var lane))
        {
            // Rows that get their key from a sequence wait until it is ahead of the keys that others of the import bring.
            var isLive = _live is null && table.ForeignKeys.Count == 0 && table.SequenceColumn is null;
            lane = new ImportLane(table, sequenceGivesKey) { Spool = isLive ? null : new RowSpool() };
            _lanes.Add((table, sequenceGivesKey), lane);
            if (isLive)
            {
                _live = new LiveCopy(_open, _connection.Schema, lane, _cancellationToken);
            }
        }

        return lane;
    }

    private void RememberKey(TableModel table, object value)
    {
        try
        {
            _highestKeys[table] = Math.Max(ValueConverter.ToInt32(value), _highestKeys.GetValueOrDefault(table, long.MinValue));
        }
        catch (FormatException)
        {
            // Refused when the row is encoded, with its place.
        }
    }

    private static int SequenceIndex(TableModel table)
    {
        var index = 0;
        while (!table.Columns[index].IsAutoIncrement)
        {
            index++;
        }

        return index;
    }

    private async Task CompleteLanesAsync(CancellationToken cancellationToken)
    {
        if (_live is { } live)
        {
            await live.CompleteAsync(live.Lane.TakeBlock(), cancellationToken).ConfigureAwait(false);
        }

        foreach (var table in _model.Tables)
        {
            if (_highestKeys.TryGetValue(table, out var highest))
            {
                await SequenceReservation.KeepAheadAsync(_open, _connection.Schema, table, highest, cancellationToken)
                    .ConfigureAwait(false);
            }

            foreach (var lane in _lanes.Values.Where(lane => lane.Table == table && lane.Spool is not null))
            {
                await SendAsync(lane, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task SendAsync(ImportLane lane, CancellationToken cancellationToken)
    {
        lane.Spool!.Add(lane.TakeBlock());
        var target = await CopyTarget.BeginAsync(_open, _connection.Schema, lane.Table.Name, lane.Columns, cancellationToken)
            .ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            foreach (var block in lane.Spool.Take())
            {
                using (block)
                {
                    await target.SendAsync(block, cancellationToken).ConfigureAwait(false);
                }
            }

            await target.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Rows per table that got any, by the server's own count of this transaction.</summary>
    private async Task<IReadOnlyDictionary<string, long>> CountAsync(CancellationToken cancellationToken)
    {
        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        var trip = new RoundTrip(_open);
        foreach (var table in _model.Tables.Where(table => _lanes.Keys.Any(lane => lane.Table == table)))
        {
            _inserted.Count(trip, table, count => rows[table.Name] = count);
        }

        await trip.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return rows;
    }

    // A write that was cut off by cancelling looks like a broken connection.
    private Exception Translate(NpgsqlException exception, TableModel? table, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested || _cancellationToken.IsCancellationRequested
            ? new OperationCanceledException("The import was cancelled.", exception, cancellationToken)
            : ServerError.Translate(exception, _connection, table is null ? "The import" : $"Importing into \"{table.Name}\"");
}
