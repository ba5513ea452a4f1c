using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.Import;

/// <summary>
/// Loads rows that come from outside, in one transaction and in constant memory: parents before children whatever order
/// the rows come in. Foreign keys are checked by PostgreSQL's own triggers, or by set (<see cref="ImportedKeys"/>).
/// </summary>
internal sealed class RowImporter : IAsyncDisposable
{
    private readonly DatabaseConnection _connection;
    private readonly Session _session;
    private readonly int _processId;
    private readonly LedgerClaim _claim;
    private readonly ImportRoute _route;
    private readonly IReadOnlyDictionary<TableModel, TableModel>? _widened;
    private readonly StreamModel _model;
    private readonly ImportVerification _verification;
    private readonly CancellationToken _cancellationToken;
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _rows;
    private bool _isBroken;

    private RowImporter(
        DatabaseConnection connection,
        Session session,
        LedgerClaim claim,
        ImportRoute route,
        IReadOnlyDictionary<TableModel, TableModel>? widened,
        StreamModel model,
        CancellationToken cancellationToken)
    {
        _model = model;
        _verification = new ImportVerification(session, model);
        _connection = connection;
        _session = session;
        _processId = session.Open.ProcessID;
        _claim = claim;
        _route = route;
        _widened = widened;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Begins an import that the first faulty row ends.</summary>
    /// <inheritdoc cref="BeginAsync(DatabaseConnection, StreamModel, ImportOptions, CancellationToken)"/>
    public static Task<RowImporter> BeginAsync(
        DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken) =>
        BeginAsync(connection, model, new ImportOptions(), cancellationToken);

    /// <summary>Opens a connection, looks whether the tables fit, and begins the transaction with its ledger row.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="options">What happens to faulty rows, and to rows whose key is there.</param>
    /// <param name="cancellationToken">Cancels the whole import.</param>
    /// <exception cref="StreamingException">The server cannot be reached, or a table is missing or does not fit.</exception>
    public static async Task<RowImporter> BeginAsync(
        DatabaseConnection connection, StreamModel model, ImportOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var session = await Session.OpenAsync(connection, SessionKind.Write, cancellationToken).ConfigureAwait(false);
        try
        {
            var open = session.Open;
            await session.BeginAsync(cancellationToken).ConfigureAwait(false);
            var given = model;
            var stored = await LayoutReader.ReadAsync(open, connection.Schema, model, cancellationToken).ConfigureAwait(false);
            options.CheckFor(stored);
            (model, var target) = await ReadTablesAsync(session, connection, stored, cancellationToken).ConfigureAwait(false);
            var claim = new LedgerClaim { BatchId = Guid.NewGuid(), Kind = LedgerKind.Import };
            var commands = new CommandBatch(open);
            var isCurrent = false;
            ShardConnections.UseOne(commands, model);
            BatchLedger.Claim(commands, connection.Schema, claim, _ => { });
            target.AskWhetherCurrent(commands, connection.Schema, model, current => isCurrent = current); // see ChunkOpening
            var inserted = new InsertCounter(connection.Schema);
            foreach (var table in model.Tables)
            {
                inserted.Begin(commands, table);
            }

            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            if (!isCurrent)
            {
                (model, target) = await ReadTablesAsync(session, connection, stored, cancellationToken).ConfigureAwait(false);
            }

            string[] names = [.. model.Tables.Select(table => table.Name)];
            var seesAll = target.MayLeaveTriggersOut
                && await ImportedKeys.SeesAllAsync(open, connection.Schema, names, cancellationToken).ConfigureAwait(false);
            var sent = model.Tables.ToDictionary(table => table, table => new SentColumns(table, target.Live.Tables[table.Name]));
            ImportRoute route = IsDirect(options, sent)
                ? new DirectImport(open, connection.Schema, model, sent, inserted, cancellationToken)
                {
                    IsOneTable = options.IsOneTable,
                    Keys = seesAll ? new ImportedKeys(open, connection.Schema, target.Live.Tables, cancellationToken) : null,
                }
                : new StagedImport(open, connection.Schema, model, target.Live, sent, options);
            var widened = model == given ? null : given.Tables.Zip(model.Tables).ToDictionary(pair => pair.First, pair => pair.Second);
            return new RowImporter(connection, session, claim, route, widened, model, cancellationToken);
        }
        catch (Exception exception)
        {
            await session.DisposeAsync().ConfigureAwait(false);
            if (exception is TablesWidenedException widened)
            {
                throw widened.Error;
            }

            if (exception is NpgsqlException)
            {
                throw ServerError.Translate(exception, connection, "Beginning an import");
            }

            throw;
        }
    }

    /// <summary>The tables as they are; the model has their keys as wide as they are.</summary>
    private static async Task<(StreamModel Model, TargetTables Tables)> ReadTablesAsync(
        Session session, DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        while (true)
        {
            TargetTables.Forget(connection, model);
            try
            {
                return (model, await TargetTables.GetAsync(session, connection, model, cancellationToken).ConfigureAwait(false));
            }
            catch (TablesWidenedException tables) when (tables.OnlyKeys)
            {
                model = Widening.Adapt(model, tables.Live);
            }
        }
    }

    /// <summary>
    /// COPY will do unless somebody asks what it cannot, or rows refer to rows of a later COPY: those of a table further on in a cycle of
    /// foreign keys, or those of the table itself that leave other columns to the server.
    /// </summary>
    private static bool IsDirect(ImportOptions options, IReadOnlyDictionary<TableModel, SentColumns> sent) =>
        options is { OnError: ImportErrorAction.Stop, OnConflict: ConflictAction.Error }
        && !sent.Any(entry => entry.Key.ForeignKeys.Any(key =>
            key.IsLoadedLater || (key.ParentTable == entry.Key.Name && entry.Value.HasDefaults)));

    /// <summary>Adds a row; blocks while the server is behind.</summary>
    /// <param name="table">Table of the model.</param>
    /// <param name="values">One value per column of the table, in the order of the model; null for no value. A sequence
    /// column without a value gets the next one.</param>
    /// <param name="given">The columns that the input has, or null for all: when a row is updated, the others stay as they are.</param>
    /// <exception cref="StreamingException">A value does not fit its column (row number, column, value and reason are in the
    /// message) and is not to be rejected, or the server refused; nothing of the import stays.</exception>
    public void Add(TableModel table, ReadOnlySpan<object?> values, ColumnSet? given = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, table.Columns.Count);

        table = _widened?[table] ?? table;

        // Until the row is in: an import that lost a row must not be completed.
        _isBroken = true;
        _rows++;
        try
        {
            _route.Add(table, values, given, _rows);
        }
        catch (ValueRefusal refusal)
        {
            throw refusal.ToError(_rows);
        }
        catch (NpgsqlException exception)
        {
            throw Translate(exception, table, _cancellationToken);
        }

        _isBroken = false;
    }

    /// <summary>Counts a row of the input that cannot even be read: it is rejected, or ends the import.</summary>
    /// <param name="table">Table that it was meant for.</param>
    /// <param name="reason">Why, a clause.</param>
    /// <param name="text">The row as it stands in the input.</param>
    /// <exception cref="StreamingException">Rows are not to be rejected.</exception>
    public void Refuse(TableModel table, string reason, string text)
    {
        table = _widened?[table] ?? table;
        _isBroken = true;
        _rows++;
        var refusal = new ValueRefusal(reason);
        if (!_route.TryReject(table, _rows, refusal, text))
        {
            throw refusal.ToError(_rows);
        }

        _isBroken = false;
    }

    /// <summary>Sends what is left, keeps the sequences ahead and commits.</summary>
    /// <returns>One result per table that got rows, in loading order.</returns>
    /// <exception cref="StreamingException">The server refused; nothing of the import stays.</exception>
    /// <exception cref="InvalidOperationException">A row was refused before.</exception>
    public async Task<IReadOnlyList<ImportResult>> CompleteAsync(CancellationToken cancellationToken)
    {
        if (_isBroken)
        {
            throw new InvalidOperationException("This import already failed; dispose it. Nothing was imported.");
        }

        try
        {
            var tables = await _route.CompleteAsync(cancellationToken).ConfigureAwait(false);
            await _verification.RunAsync(tables.Select(table => table.Table.Name), cancellationToken).ConfigureAwait(false);
            var commands = new CommandBatch(_session.Open);
            BatchLedger.CompleteImport(
                commands,
                _connection.Schema,
                _claim,
                _route.ForeignKeyCheck,
                tables.ToDictionary(table => table.Table.Name, table => table.Tally.Inserted),
                tables.Where(table => table.Tally.Updated > 0).ToDictionary(table => table.Table.Name, table => table.Tally.Updated));
            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            await CommitAsync(cancellationToken).ConfigureAwait(false);
            return [.. tables.Select(table => Result(table.Table, table.Tally))];
        }
        catch (NpgsqlException exception)
        {
            throw Translate(exception, null, cancellationToken);
        }
    }

    /// <summary>Commits; when the answer is lost, the ledger tells what became of it.</summary>
    private async Task CommitAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var recovery = ShardRecovery.Listen(_session, _model);
            await _session.CommitAsync(cancellationToken).ConfigureAwait(false);
            await (recovery?.CompleteAsync(cancellationToken) ?? Task.CompletedTask).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested(); // see ChunkTransaction.CommitAsync
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException)
        {
            var committed = await CommitInDoubt.WasCommittedAsync(
                _connection, _claim, new DeadBackend { ProcessId = _processId }, time: null, cancellationToken).ConfigureAwait(false);
            if (committed is null)
            {
                throw CommitInDoubt.Error(_connection, _claim, exception);
            }

            if (committed is false)
            {
                throw;
            }
        }
    }

    /// <summary>Rolls back unless <see cref="CompleteAsync"/> has committed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _route.DisposeAsync().ConfigureAwait(false);
        await _session.DisposeAsync().ConfigureAwait(false);
    }

    private ImportResult Result(TableModel table, ImportTally tally) => new()
    {
        BatchId = _claim.BatchId,
        Table = table.Name,
        Read = tally.Read,
        Rows = tally.Inserted + tally.Updated,
        Updated = tally.Updated,
        Skipped = tally.Skipped,
        Rejected = tally.Rejected,
        Duration = Stopwatch.GetElapsedTime(_started),
    };

    // A write that was cut off by cancelling looks like a broken connection.
    private Exception Translate(NpgsqlException exception, TableModel? table, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested || _cancellationToken.IsCancellationRequested
            ? new OperationCanceledException("The import was cancelled.", exception, cancellationToken)
            : Explain(exception, ServerError.Translate(exception, _connection, table is null ? "The import" : $"Importing into \"{table.Name}\""));

    /// <summary>Rows come once, so an import is not repeated even when it could succeed then; whoever has the rows must know that nothing stays.</summary>
    private static StreamingException Explain(NpgsqlException exception, StreamingException error)
    {
        const string NothingStays = "Nothing was imported; run it again.";
        return ServerError.IsTransient(exception)
            ? new StreamingException(error.ErrorId, error.Kind, error.Message, NothingStays, error.Target, exception) { SqlState = error.SqlState }
            : error;
    }
}
