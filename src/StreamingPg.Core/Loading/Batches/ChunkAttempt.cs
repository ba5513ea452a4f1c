using Npgsql;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading.References;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>One attempt to load a chunk, step by step: claim, plan, generate and load, verify, complete, commit.</summary>
/// <remarks>
/// A small chunk takes two round trips: the claim with what must be known beforehand; the rows, their verification, the completion and the
/// commit, which the server itself refuses if the verification failed.
/// </remarks>
internal sealed class ChunkAttempt
{
    private readonly ChunkTransaction _transaction;
    private readonly int _retries;
    private readonly BatchProgressCounter? _progress;

    /// <param name="transaction">The transaction.</param>
    /// <param name="retries">Attempts that failed before.</param>
    /// <param name="progress">Gets the rows sent; may be null.</param>
    public ChunkAttempt(ChunkTransaction transaction, int retries, BatchProgressCounter? progress)
    {
        _transaction = transaction;
        _retries = retries;
        _progress = progress;
    }

    /// <summary>Makes the attempt.</summary>
    /// <param name="committing">Gets what the chunk will have done, just before the commit is sent.</param>
    /// <returns>The result; null when someone changed the tables since they were read.</returns>
    public async Task<ChunkResult?> RunAsync(Action<ChunkResult> committing)
    {
        var tables = await _transaction.ReadTablesAsync().ConfigureAwait(false);
        _transaction.Decision = Decide(tables);
        var opening = new ChunkOpening(_transaction, tables);
        await opening.ClaimAsync().ConfigureAwait(false);
        if (!opening.TablesAreCurrent)
        {
            return null;
        }

        if (opening.BatchNumber is null)
        {
            return await ReadLoadedAsync().ConfigureAwait(false);
        }

        if (_transaction.MakesPlan)
        {
            _transaction.Plan = await opening.MakePlanAsync().ConfigureAwait(false);
        }

        var generator = new BatchGenerator(_transaction.Plan, _transaction.Claim.Chunk);
        var isSmall = generator.RowsPerTable.Values.Sum() <= SmallChunk.MaxRows;
        var byRow = ByRow(tables, isSmall);
        _transaction.Checks = new SetCheckedTables(_transaction.Check, byRow.Keys.ToHashSet(StringComparer.Ordinal));
        _transaction.Decision = _transaction.Decision.Except(byRow);
        if (isSmall)
        {
            return await LoadAtOnceAsync(SmallChunk.Generate(_transaction, generator), generator, committing).ConfigureAwait(false);
        }

        var result = await LoadByCopyAsync(generator).ConfigureAwait(false);
        committing(result);
        return await CommitAsync(result).ConfigureAwait(false);
    }

    private ForeignKeyDecision Decide(TargetTables tables)
    {
        var options = _transaction.Request.Options;
        var rows = _transaction.MakesPlan ? options.TotalRows : _transaction.Plan.TotalRows;
        var ofTables = options.ForeignKeyCheck == ForeignKeyCheck.Set || TablesWithReferences.All(table => tables.ByRow.ContainsKey(table.Name))
            ? tables.ByRow.Values.FirstOrDefault()
            : null;
        return ForeignKeyDecision.Make(options.ForeignKeyCheck, rows / _transaction.Claim.Chunks, tables.WhyNotBySet ?? ofTables);
    }

    private IEnumerable<TableModel> TablesWithReferences => _transaction.Model.Tables.Where(table => table.ForeignKeys.Count > 0);

    /// <summary>The tables that need their triggers, and why. The statement that loads a few rows verifies them too, before those are
    /// there that close a cycle.</summary>
    private Dictionary<string, string> ByRow(TargetTables tables, bool isSmall)
    {
        var byRow = new Dictionary<string, string>(tables.ByRow, StringComparer.Ordinal);
        foreach (var table in _transaction.Model.Tables.Where(table => isSmall && table.ForeignKeys.Any(key => key.IsLoadedLater)))
        {
            byRow.TryAdd(table.Name, "few rows that close a cycle");
        }

        return byRow;
    }

    /// <summary>What the ledger says of a chunk that was loaded before.</summary>
    private async Task<ChunkResult> ReadLoadedAsync()
    {
        var claim = _transaction.Claim;
        var rows = await BatchLedger.ReadAsync(_transaction.Session.Open, _transaction.Schema, claim.BatchId, _transaction.Token)
            .ConfigureAwait(false);
        var own = rows.Single(row => row.Chunk == claim.Chunk);
        if (own.IsClosed)
        {
            throw BatchLedger.ClosedError(claim.BatchId);
        }

        var confirmation = _transaction.NewCommands();
        BatchLedger.Confirm(confirmation, _transaction.Schema, claim);
        await _transaction.ExecuteAsync(confirmation).ConfigureAwait(false);
        await _transaction.CommitAsync().ConfigureAwait(false);
        return LedgeredBatch.ChunkOf(_transaction.Model, own);
    }

    /// <summary>Loads, verifies, completes and commits a small chunk in one round trip.</summary>
    private async Task<ChunkResult> LoadAtOnceAsync(SmallChunk chunk, BatchGenerator generator, Action<ChunkResult> committing)
    {
        // Verified and committed by the round trip that loads it; that time counts as loading.
        using var loading = _transaction.StartPhase(BatchPhase.Load);
        var findings = new VerificationFindings();
        var commands = _transaction.NewCommands();
        chunk.Ask(commands, findings);
        DateTime committedAt = default;
        LoadedChunk[] loaded = [LoadedChunk.Of(_transaction.Model, generator)];
        AskToComplete(commands, time => committedAt = time, loaded);
        VerificationFindings.RefuseCommit(commands);
        var figures = new ChunkFigures { LateRows = generator.CountLate(), Generate = chunk.GeneratedIn };
        committing(Result(figures, committedAt, loaded));
        try
        {
            await _transaction.CommitAsync(commands).ConfigureAwait(false);
        }
        catch (PostgresException)
        {
            findings.ThrowIfAny();
            throw;
        }

        return Result(figures with { Load = loading.Complete() }, committedAt, loaded);
    }

    /// <summary>
    /// Generates, loads, verifies and completes a large chunk. Where the tables are empty and their keys may be built afterwards, or partitions
    /// are loaded as tables of their own, that is all chunks of the batch: between two transactions the tables must have their keys.
    /// </summary>
    private async Task<ChunkResult> LoadByCopyAsync(BatchGenerator generator)
    {
        var plan = _transaction.Plan;
        var rebuild = await RebuildAfterLoad.BeginAsync(_transaction).ConfigureAwait(false);
        var partitions = rebuild is null ? await NewPartitions.BeginAsync(_transaction).ConfigureAwait(false) : null;
        var isWholeBatch = rebuild is not null || partitions is not null;
        var chunks = Enumerable.Range(0, plan.Chunks).Select(chunk => new BatchGenerator(plan, chunk));

        // Generators hold the relations of their rows. Those of many chunks are made again where their rows are verified chunk by chunk, but kept where they remember the existing
        // rows to which theirs refer.
        IEnumerable<BatchGenerator> generators = !isWholeBatch ? [generator] : rebuild is null ? [.. chunks] : chunks;
        var figures = default(ChunkFigures);
        var loaded = new List<LoadedChunk>();
        foreach (var chunk in generators)
        {
            figures += await CopyAsync(chunk, rebuild, partitions).ConfigureAwait(false);
            loaded.Add(LoadedChunk.Of(_transaction.Model, chunk));
        }

        using var verifying = _transaction.StartPhase(BatchPhase.Verify);
        var check = _transaction.Check;
        await (rebuild?.RestoreAsync() ?? partitions?.AttachAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        if (rebuild is { OwnsAllRows: true })
        {
            await FirstLoadVerification.RunAsync(_transaction, LoadedChunk.RowsOf(loaded)).ConfigureAwait(false);
            generators = [];
        }

        foreach (var chunk in generators)
        {
            await (rebuild is null
                ? new NewRowVerification(_transaction, chunk, check) { IsWholeBatch = isWholeBatch }.RunAsync()
                : new NewRowVerification(_transaction, chunk, ForeignKeyCheck.Row) { IsWholeBatch = true }.VerifyAsync()).ConfigureAwait(false);
        }

        var committedAt = await CompleteAsync(_transaction.NewCommands(), loaded).ConfigureAwait(false);
        return Result(figures with { Verify = figures.Verify + verifying.Complete() }, committedAt, loaded) with { IsWholeBatch = isWholeBatch };
    }

    private async Task<ChunkFigures> CopyAsync(BatchGenerator generator, RebuildAfterLoad? rebuild, NewPartitions? partitions)
    {
        using var loading = _transaction.StartPhase(BatchPhase.Load);
        var chunk = new LargeChunk(_transaction, generator, _progress) { Freezes = rebuild?.Freezes == true, KeysAreDropped = rebuild?.OwnsAllRows == true, Partitions = partitions };
        var figures = await chunk.CopyAsync().ConfigureAwait(false);
        figures = figures with { LateRows = generator.CountLate(), Load = loading.Complete() };
        if (rebuild is null)
        {
            return figures;
        }

        using var verifying = _transaction.StartPhase(BatchPhase.Verify);
        await new NewRowVerification(_transaction, generator, _transaction.Check) { IsWholeBatch = true }.CountAsync().ConfigureAwait(false);
        return figures with { Verify = verifying.Complete() };
    }

    /// <summary>Completes the ledger rows of the chunks that this transaction loads, in one round trip with what is left to do.</summary>
    /// <returns>The server's time.</returns>
    private async Task<DateTime> CompleteAsync(CommandBatch commands, IReadOnlyList<LoadedChunk> chunks)
    {
        DateTime committedAt = default;
        AskToComplete(commands, time => committedAt = time, chunks);
        await _transaction.ExecuteAsync(commands).ConfigureAwait(false);
        return committedAt;
    }

    private void AskToComplete(CommandBatch commands, Action<DateTime> committedAt, IReadOnlyList<LoadedChunk> chunks)
    {
        var (plan, schema) = (_transaction.Plan, _transaction.Schema);
        _transaction.Checks.End(commands);
        SumCorrection.Ask(commands, schema, plan);
        foreach (var chunk in chunks)
        {
            var claim = _transaction.Claim with { Chunk = chunk.Number, BatchNumber = plan.BatchNumber };
            if (chunk.Number != _transaction.Claim.Chunk)
            {
                BatchLedger.Claim(commands, schema, claim, _ => { });
            }

            // The first chunk's ledger row keeps the plan for whoever has to load the others.
            var planToKeep = chunk.Number == 0 && (plan.Chunks > 1 || plan.Events.History is not null) ? PlanJson.Write(plan, chunk.Keys)
                : chunk.Keys.Count > 0 ? ChunkKeysJson.Write(chunk.Keys) : null;
            BatchLedger.Complete(commands, schema, claim, chunk.Rows, _transaction.Check, _retries, planToKeep, committedAt);
        }
    }

    private ChunkResult Result(ChunkFigures figures, DateTime committedAt, IReadOnlyList<LoadedChunk> chunks) => new(
        _transaction.Plan,
        LoadedChunk.RowsOf(chunks),
        _transaction.Decision,
        figures,
        committedAt,
        AlreadyLoaded: false);

    private async Task<ChunkResult> CommitAsync(ChunkResult result)
    {
        using var committing = _transaction.StartPhase(BatchPhase.Commit);
        await _transaction.CommitAsync().ConfigureAwait(false);
        return result with { Figures = result.Figures with { Commit = committing.Complete() } };
    }
}

/// <summary>What the ledger keeps of a chunk.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Rows">Rows per table.</param>
/// <param name="Keys">The first and the last key per table.</param>
internal sealed record LoadedChunk(int Number, IReadOnlyDictionary<string, long> Rows, Dictionary<string, string[]> Keys)
{
    /// <summary>Rows per table of all chunks.</summary>
    public static Dictionary<string, long> RowsOf(IEnumerable<LoadedChunk> chunks) => chunks
        .SelectMany(chunk => chunk.Rows)
        .GroupBy(table => table.Key, table => table.Value, StringComparer.Ordinal)
        .ToDictionary(table => table.Key, table => table.Sum(), StringComparer.Ordinal);

    /// <summary>That of a chunk that was made.</summary>
    public static LoadedChunk Of(StreamModel model, BatchGenerator generator) => new(generator.Chunk, generator.RowsPerTable, NewRowKeys.OfChunk(model, generator));
}
