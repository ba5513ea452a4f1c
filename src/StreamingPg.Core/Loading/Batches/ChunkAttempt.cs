using StreamingPg.Core.Generation;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading.References;
using StreamingPg.Core.Sql;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>One attempt to load a chunk, step by step: claim, plan, generate and load, verify, complete, commit.</summary>
/// <remarks>
/// A small chunk takes three round trips: the claim with what must be known beforehand; the rows, their verification and the completion;
/// the commit.
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
        var result = generator.RowsPerTable.Values.Sum() <= SmallChunk.MaxRows
            ? await LoadAtOnceAsync(SmallChunk.Generate(_transaction, generator), generator).ConfigureAwait(false)
            : await LoadByCopyAsync(generator).ConfigureAwait(false);
        committing(result);
        return await CommitAsync(result).ConfigureAwait(false);
    }

    private ForeignKeyDecision Decide(TargetTables tables)
    {
        var options = _transaction.Request.Options;
        var rows = _transaction.MakesPlan ? options.TotalRows : _transaction.Plan.TotalRows;
        return ForeignKeyDecision.Make(options.ForeignKeyCheck, rows / _transaction.Claim.Chunks, tables.WhyNotBySet)
            .Except(SetCheckedTables.Others(_transaction.Model));
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

    /// <summary>Loads, verifies and completes a small chunk in one round trip.</summary>
    private async Task<ChunkResult> LoadAtOnceAsync(SmallChunk chunk, BatchGenerator generator)
    {
        // Verified by the statements that load it; that time counts as loading.
        using var loading = _transaction.StartPhase(BatchPhase.Load);
        var findings = new VerificationFindings();
        var commands = _transaction.NewCommands();
        chunk.Ask(commands, findings);
        var committedAt = await CompleteAsync(commands, generator).ConfigureAwait(false);
        findings.ThrowIfAny();
        return Result(new ChunkFigures { LateRows = generator.CountLate(), Generate = chunk.GeneratedIn, Load = loading.Complete() }, committedAt, generator);
    }

    /// <summary>
    /// Generates, loads, verifies and completes a large chunk. Where the tables are empty and their keys may be built afterwards, that
    /// is all chunks of the batch: between two transactions the tables must have their keys.
    /// </summary>
    private async Task<ChunkResult> LoadByCopyAsync(BatchGenerator generator)
    {
        var plan = _transaction.Plan;
        var rebuild = await RebuildAfterLoad.BeginAsync(_transaction).ConfigureAwait(false);
        BatchGenerator[] generators = rebuild is null
            ? [generator]
            : [.. Enumerable.Range(0, plan.Chunks).Select(chunk => new BatchGenerator(plan, chunk))];
        var figures = default(ChunkFigures);
        foreach (var chunk in generators)
        {
            figures += await CopyAndVerifyAsync(chunk).ConfigureAwait(false);
        }

        using var verifying = _transaction.StartPhase(BatchPhase.Verify);
        if (rebuild is not null)
        {
            await rebuild.RestoreAsync().ConfigureAwait(false);
        }

        var committedAt = await CompleteAsync(_transaction.NewCommands(), generators).ConfigureAwait(false);
        return Result(figures with { Verify = figures.Verify + verifying.Complete() }, committedAt, generators)
            with { IsWholeBatch = rebuild is not null };
    }

    private async Task<ChunkFigures> CopyAndVerifyAsync(BatchGenerator generator)
    {
        using var loading = _transaction.StartPhase(BatchPhase.Load);
        var figures = await new LargeChunk(_transaction, generator, _progress).CopyAsync().ConfigureAwait(false);
        figures = figures with { LateRows = generator.CountLate(), Load = loading.Complete() };
        using var verifying = _transaction.StartPhase(BatchPhase.Verify);
        await new NewRowVerification(_transaction, generator).RunAsync().ConfigureAwait(false);
        return figures with { Verify = verifying.Complete() };
    }

    /// <summary>Completes the ledger rows of the chunks that this transaction loads, in one round trip with what is left to do.</summary>
    /// <returns>The server's time.</returns>
    private async Task<DateTime> CompleteAsync(CommandBatch commands, params BatchGenerator[] generators)
    {
        DateTime committedAt = default;
        var (plan, schema) = (_transaction.Plan, _transaction.Schema);
        SumCorrection.Ask(commands, schema, plan);
        foreach (var generator in generators)
        {
            var claim = _transaction.Claim with { Chunk = generator.Chunk, BatchNumber = plan.BatchNumber };
            if (generator.Chunk != _transaction.Claim.Chunk)
            {
                BatchLedger.Claim(commands, schema, claim, _ => { });
            }

            // The first chunk's ledger row keeps the plan for whoever has to load the others.
            var planToKeep = generator.Chunk == 0 && (plan.Chunks > 1 || plan.Events.History is not null) ? PlanJson.Write(plan) : null;
            BatchLedger.Complete(
                commands, schema, claim, generator.RowsPerTable, _transaction.Check, _retries, planToKeep, time => committedAt = time);
        }

        await _transaction.ExecuteAsync(commands).ConfigureAwait(false);
        return committedAt;
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
