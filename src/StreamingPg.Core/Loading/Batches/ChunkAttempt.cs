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
        AskToComplete(commands, time => committedAt = time, generator);
        VerificationFindings.RefuseCommit(commands);
        var figures = new ChunkFigures { LateRows = generator.CountLate(), Generate = chunk.GeneratedIn };
        committing(Result(figures, committedAt, generator));
        try
        {
            await _transaction.CommitAsync(commands).ConfigureAwait(false);
        }
        catch (PostgresException)
        {
            findings.ThrowIfAny();
            throw;
        }

        return Result(figures with { Load = loading.Complete() }, committedAt, generator);
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
        BatchGenerator[] generators = isWholeBatch
            ? [.. Enumerable.Range(0, plan.Chunks).Select(chunk => new BatchGenerator(plan, chunk))]
            : [generator];
        var figures = default(ChunkFigures);
        foreach (var chunk in generators)
        {
            figures += await CopyAsync(chunk, rebuild, partitions).ConfigureAwait(false);
        }

        using var verifying = _transaction.StartPhase(BatchPhase.Verify);
        var check = _transaction.Check;
        await (rebuild?.RestoreAsync() ?? partitions?.AttachAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        foreach (var chunk in generators)
        {
            await (rebuild is null
                ? new NewRowVerification(_transaction, chunk, check).RunAsync()
                : new NewRowVerification(_transaction, chunk, ForeignKeyCheck.Row).VerifyAsync()).ConfigureAwait(false);
        }

        var committedAt = await CompleteAsync(_transaction.NewCommands(), generators).ConfigureAwait(false);
        return Result(figures with { Verify = figures.Verify + verifying.Complete() }, committedAt, generators) with { IsWholeBatch = isWholeBatch };
    }

    private async Task<ChunkFigures> CopyAsync(BatchGenerator generator, RebuildAfterLoad? rebuild, NewPartitions? partitions)
    {
        using var loading = _transaction.StartPhase(BatchPhase.Load);
        var chunk = new LargeChunk(_transaction, generator, _progress) { Freezes = rebuild?.Freezes == true, Partitions = partitions };
        var figures = await chunk.CopyAsync().ConfigureAwait(false);
        figures = figures with { LateRows = generator.CountLate(), Load = loading.Complete() };
        if (rebuild is null)
        {
            return figures;
        }

        using var verifying = _transaction.StartPhase(BatchPhase.Verify);
        await new NewRowVerification(_transaction, generator, _transaction.Check).CountAsync().ConfigureAwait(false);
        return figures with { Verify = verifying.Complete() };
    }

    /// <summary>Completes the ledger rows of the chunks that this transaction loads, in one round trip with what is left to do.</summary>
    /// <returns>The server's time.</returns>
    private async Task<DateTime> CompleteAsync(CommandBatch commands, params BatchGenerator[] generators)
    {
        DateTime committedAt = default;
        AskToComplete(commands, time => committedAt = time, generators);
        await _transaction.ExecuteAsync(commands).ConfigureAwait(false);
        return committedAt;
    }

    private void AskToComplete(CommandBatch commands, Action<DateTime> committedAt, params BatchGenerator[] generators)
    {
        var (plan, schema) = (_transaction.Plan, _transaction.Schema);
        _transaction.Checks.End(commands);
        SumCorrection.Ask(commands, schema, plan);
        foreach (var generator in generators)
        {
            var claim = _transaction.Claim with { Chunk = generator.Chunk, BatchNumber = plan.BatchNumber };
            if (generator.Chunk != _transaction.Claim.Chunk)
            {
                BatchLedger.Claim(commands, schema, claim, _ => { });
            }

            // The first chunk's ledger row keeps the plan for whoever has to load the others.
            var keys = NewRowKeys.OfChunk(_transaction.Model, generator);
            var planToKeep = generator.Chunk == 0 && (plan.Chunks > 1 || plan.Events.History is not null) ? PlanJson.Write(plan, keys)
                : keys.Count > 0 ? ChunkKeysJson.Write(keys) : null;
            BatchLedger.Complete(
                commands, schema, claim, generator.RowsPerTable, _transaction.Check, _retries, planToKeep, committedAt);
        }
    }

    private ChunkResult Result(ChunkFigures figures, DateTime committedAt, params BatchGenerator[] generators) => new(
        _transaction.Plan,
        generators.SelectMany(generator => generator.RowsPerTable)
            .GroupBy(table => table.Key, table => table.Value, StringComparer.Ordinal)
            .ToDictionary(table => table.Key, table => table.Sum(), StringComparer.Ordinal),
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
