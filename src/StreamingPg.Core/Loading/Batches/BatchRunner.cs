using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading.References;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>Generates, loads, verifies and commits one batch.</summary>
internal sealed class BatchRunner
{
    private readonly DatabaseConnection _connection;
    private BatchRequest _request;
    private readonly TransientRetry _retry;
    private readonly IProgress<BatchProgress>? _watcher;
    private readonly IProgress<BatchEvent>? _events;
    private readonly BatchTelemetry _telemetry;
    private readonly CommittedChunks _committed;
    private BatchProgressCounter? _progress;

    private BatchRunner(
        DatabaseConnection connection,
        BatchRequest request,
        IProgress<BatchProgress>? progress,
        IProgress<BatchEvent>? events,
        BatchTelemetry telemetry,
        CancellationToken stopRetrying)
    {
        _connection = connection;
        _request = request;
        _watcher = progress;
        _events = events;
        _telemetry = telemetry;
        _committed = new CommittedChunks(request.BatchId);
        _retry = new TransientRetry(connection, RuleOf(request), events, telemetry, stopRetrying);
        _progress = progress is null ? null : new BatchProgressCounter(progress, request.Options.TotalRows);
    }

    /// <summary>Says what becomes of the batch when columns are wider than metadata says.</summary>
    public required SchemaChangeDetector Shape { get; init; }

    private static RetryRule RuleOf(BatchRequest request) =>
        new("Loading a batch", request.Options.MaxRetry, request.Options.RetryTimeout, request.BatchId);

    /// <summary>Runs a batch to its commit.</summary>
    /// <inheritdoc cref="RunAsync(DatabaseConnection, StreamModel, BatchOptions, IProgress{BatchProgress}?, IProgress{BatchEvent}?, CancellationToken, CancellationToken)"/>
    public static Task<BatchResult> RunAsync(
        DatabaseConnection connection,
        StreamModel model,
        BatchOptions options,
        IProgress<BatchProgress>? progress,
        CancellationToken cancellationToken) =>
        RunAsync(connection, model, options, progress, events: null, cancellationToken, cancellationToken);

    /// <summary>Runs a batch to its commit.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="options">The options.</param>
    /// <param name="progress">Gets how far the batch is; may be null.</param>
    /// <param name="events">Gets retries, the commit or the failure; may be null.</param>
    /// <param name="stopRetrying">Forbids further attempts; the attempt in hand goes on.</param>
    /// <param name="cancellationToken">Cancels; nothing of the chunk in hand stays.</param>
    /// <remarks>
    /// A batch of more than <see cref="BatchOptions.ChunkSize"/> rows is loaded in chunks, each a transaction with a ledger row of
    /// its own. The first chunk goes alone, because the others may refer to its rows. All attempts of a batch have the same id,
    /// seed and reference time. A repeat of the first chunk draws a new batch number; once it is committed the number is settled.
    /// </remarks>
    /// <exception cref="StreamingException">It failed; nothing of the chunk in hand stays, earlier chunks do.</exception>
    public static async Task<BatchResult> RunAsync(
        DatabaseConnection connection,
        StreamModel model,
        BatchOptions options,
        IProgress<BatchProgress>? progress,
        IProgress<BatchEvent>? events,
        CancellationToken stopRetrying,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Check(model);

        // An unknown locale must be known before anything touches the database.
        ValuePools.Prepare(options.Locale);

        await using var sampler = options.Statistics ? new ServerSampler(connection) : null;
        var shape = options.Shape ?? new SchemaChangeDetector(options.OnSchemaChange, events);
        var request = new BatchRequest(shape.Adapt(model), options) { Sampler = sampler };
        using var telemetry = BatchTelemetry.Begin(connection, request.BatchId);
        var runner = new BatchRunner(connection, request, progress, events, telemetry, stopRetrying) { Shape = shape };
        try
        {
            var result = await runner.LoadAsync(cancellationToken).ConfigureAwait(false);
            telemetry.Committed(result);
            events?.Report(BatchEvents.Of(result));
            return result;
        }
        catch (OperationCanceledException exception)
        {
            telemetry.Cancelled();
            if (runner._committed.IsEmpty)
            {
                throw;
            }

            throw new BatchCancelledException(runner._committed, exception);
        }
        catch (Exception exception) when (ErrorOf(exception, connection) is { } cause)
        {
            var error = runner._committed.Explain(cause);
            telemetry.Failed(error);
            events?.Report(BatchEvents.Failed(request.BatchId, error));
            if (error != exception)
            {
                throw error;
            }

            throw;
        }
    }

    private static StreamingException? ErrorOf(Exception exception, DatabaseConnection connection) => exception switch
    {
        StreamingException error => error,
        TablesWidenedException tables => tables.Error, // between two chunks; the first one adapts to them
        NpgsqlException or IOException or TimeoutException => ServerError.Translate(exception, connection, "Loading a batch"),
        _ => null,
    };

    /// <summary>The first chunk, then the others.</summary>
    private async Task<BatchResult> LoadAsync(CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var asked = _request.Model;
        _request = _request.With(await ReadAsync(stop => LayoutReader.GetAsync(_connection, asked, stop), cancellationToken).ConfigureAwait(false));
        var given = _request.Model;
        try
        {
            await RequireKnownAsync(cancellationToken).ConfigureAwait(false);
            await SettleReferenceTimeAsync(cancellationToken).ConfigureAwait(false);
            await CreatePartitionsAsync(cancellationToken).ConfigureAwait(false);
            await ReadOutsideParentsAsync(cancellationToken).ConfigureAwait(false);
            await ReadFromValuesAsync(cancellationToken).ConfigureAwait(false);
            var first = await LoadFirstAsync(asked, cancellationToken).ConfigureAwait(false);
            _telemetry.ChunkCommitted(first);
            _committed.Count = first.Plan.Chunks;
            _committed.Add(0);

            IReadOnlyList<ChunkResult> chunks = first switch
            {
                { AlreadyLoaded: true, Plan.Chunks: > 1 } => await ResumeAsync(cancellationToken).ConfigureAwait(false),
                { IsWholeBatch: false, Plan.Chunks: > 1 } =>
                    [first, .. await LoadOthersAsync(first.Plan, Enumerable.Range(1, first.Plan.Chunks - 1), cancellationToken).ConfigureAwait(false)],
                _ => [first],
            };
            return BatchSummary.Of(_connection, _request, chunks, Stopwatch.GetElapsedTime(begin), _retry.Count);
        }
        finally
        {
            if (_request.Model != given)
            {
                TargetTables.Forget(_connection, _request.Model); // the next batch reads the other schemas again
            }
        }
    }

    /// <summary>Creates the partitions for the rows of the batch, and some ahead.</summary>
    private async Task CreatePartitionsAsync(CancellationToken cancellationToken)
    {
        if (!_request.Model.HasLayouts)
        {
            return;
        }

        var (created, refusal) = await ReadAsync(
            stop => PartitionKeeper.EnsureAsync(_connection, _request.Model, _request.EarliestEvent, _request.Settings.ReferenceTime, stop), cancellationToken)
            .ConfigureAwait(false);
        if (created)
        {
            TargetTables.Forget(_connection, _request.Model); // the tables that partitions refer to have other triggers now
        }

        if (refusal is not null)
        {
            _events?.Report(BatchEvents.PartitionsNotCreated(_request.BatchId, refusal));
        }
    }

    private async Task ReadOutsideParentsAsync(CancellationToken cancellationToken) => _request = _request.With(await ReadAsync(
        stop => OutsideParents.ReadAsync(_connection, _request.Model, table => _request.Options.RowsOf(table) > 0, stop), cancellationToken)
        .ConfigureAwait(false));

    private async Task ReadFromValuesAsync(CancellationToken cancellationToken) => _request = _request.With(
        await ReadAsync(stop => FromValues.ReadAsync(_connection, _request.Model, stop), cancellationToken).ConfigureAwait(false));

    /// <summary>The first chunk; it starts over with the tables as they are when they turn out to be wider, or stored otherwise than remembered.</summary>
    private async Task<ChunkResult> LoadFirstAsync(StreamModel asked, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await new ChunkLoader(_connection, _request, plan: null, chunk: 0, _progress).LoadAsync(_retry, cancellationToken).ConfigureAwait(false);
            }
            catch (TablesWidenedException tables)
            {
                Shape.Adapt(tables, _connection);
                _request = _request.With(Widening.Adapt(_request.Model, tables.Live));
            }
            catch (StreamingException error) when (error.ErrorId == ErrorIds.TableDiffers)
            {
                LayoutReader.Forget(_connection, asked);
                var stored = await ReadAsync(stop => LayoutReader.ReadAsync(_connection, _request.Model, stop), cancellationToken).ConfigureAwait(false);
                if (stored == _request.Model)
                {
                    throw;
                }

                _request = _request.With(stored);
                await CreatePartitionsAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task RequireKnownAsync(CancellationToken cancellationToken)
    {
        if (_request.Options.Resume && (await ReadLedgerAsync(cancellationToken).ConfigureAwait(false)).IsUnknown)
        {
            throw new StreamingException(
                ErrorIds.BatchUnknown,
                StreamingErrorKind.NotFound,
                $"The ledger of {_connection} has no batch {_request.BatchId}.",
                "Get-StreamingBatch -Status Incomplete (ledger --status Incomplete) lists the batches that can be resumed; omit -Resume (--resume) to load a new batch.",
                _request.BatchId);
        }
    }

    /// <summary>With a seed and no reference time, the batch takes the newest one of the ledger.</summary>
    private async Task SettleReferenceTimeAsync(CancellationToken cancellationToken)
    {
        if (_request.Options is { Seed: not null, ReferenceTime: null })
        {
            var newest = await ReadAsync(stop => LedgerTimes.NewestAsync(_connection, stop), cancellationToken).ConfigureAwait(false);
            _request = newest is { } time ? _request.At(time) : _request;
        }
    }

    /// <summary>The chunks that the ledger has, and those that it has not, which are loaded now.</summary>
    private async Task<IReadOnlyList<ChunkResult>> ResumeAsync(CancellationToken cancellationToken)
    {
        var batch = await ReadLedgerAsync(cancellationToken).ConfigureAwait(false);
        if (batch.IsClosed)
        {
            throw BatchLedger.ClosedError(_request.BatchId);
        }

        foreach (var chunk in batch.LoadedNumbers.Where(chunk => chunk > 0))
        {
            _committed.Add(chunk);
        }

        if (batch.Missing.Count == 0)
        {
            return [.. batch.Loaded];
        }

        var plan = batch.PlanToResume();
        _progress = _watcher is null ? null : new BatchProgressCounter(_watcher, plan.TotalRows - batch.Loaded.Sum(chunk => chunk.Rows.Values.Sum()));
        return [.. batch.Loaded, .. await LoadOthersAsync(plan, batch.Missing, cancellationToken).ConfigureAwait(false)];
    }

    private async Task<IReadOnlyCollection<ChunkResult>> LoadOthersAsync(
        BatchPlan plan, IEnumerable<int> chunks, CancellationToken cancellationToken)
    {
        var results = new System.Collections.Concurrent.ConcurrentBag<ChunkResult>();
        var parallel = new ParallelOptions
        {
            // A chunk of a history refers to those before it.
            MaxDegreeOfParallelism = plan.Events.History is null ? _request.Options.Parallel : 1,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(chunks, parallel, async (chunk, stop) =>
        {
            try
            {
                var result = await LoadOtherAsync(plan, chunk, stop).ConfigureAwait(false);
                _telemetry.ChunkCommitted(result);
                results.Add(result);
                _committed.Add(chunk);
            }
            catch (StreamingException error) when (error.ErrorId == ErrorIds.CommitUnknown)
            {
                _committed.AddInDoubt(chunk);
                throw;
            }
        }).ConfigureAwait(false);
        return results;
    }

    /// <summary>A chunk by the plan of the first; by the same plan for wider keys when somebody widened keys in between.</summary>
    private async Task<ChunkResult> LoadOtherAsync(BatchPlan plan, int chunk, CancellationToken cancellationToken)
    {
        var request = _request.With(plan.Model);
        while (true)
        {
            try
            {
                return await new ChunkLoader(_connection, request, plan, chunk, _progress).LoadAsync(_retry, cancellationToken).ConfigureAwait(false);
            }
            catch (TablesWidenedException tables) when (tables.OnlyKeys)
            {
                Shape.Adapt(tables, _connection);
                request = request.With(Widening.Adapt(request.Model, tables.Live));
                plan = (await ReadAsync(stop => LedgeredBatch.ReadAsync(_connection, request, stop), cancellationToken).ConfigureAwait(false)).Plan();
            }
        }
    }

    private Task<LedgeredBatch> ReadLedgerAsync(CancellationToken cancellationToken) =>
        ReadAsync(stop => LedgeredBatch.ReadAsync(_connection, _request, stop), cancellationToken);

    private Task<T> ReadAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancellationToken) => _retry.RunAsync(
        _ => Watchdog.RunAsync(_request.Options.StallTimeout, read, cancellationToken), isWorthRepeating: _ => false);
}
