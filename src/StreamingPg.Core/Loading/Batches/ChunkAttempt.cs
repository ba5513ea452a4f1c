using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading.References;
using StreamingPg.Core.Sql;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>One attempt to load a chunk: a transaction the ledger row first, then the rows, their verification, the commit.</summary>
/// <remarks>A small chunk takes three round trips: what must be known beforehand, the rows with their proof, the commit.</remarks>
internal sealed class ChunkAttempt
{
    private readonly DatabaseConnection _connection;
    private readonly BatchRequest _request;
    private readonly BatchPlan? _plan;
    private readonly LedgerClaim _claim;
    private readonly int _repeats;
    private readonly ChunkProgress _progress;

    /// <param name="connection">The database.</param>
    /// <param name="request">The batch.</param>
    /// <param name="plan">The plan; null for the first chunk, which makes it.</param>
    /// <param name="chunk">Number of the chunk.</param>
    /// <param name="repeats">Attempts that failed before.</param>
    /// <param name="progress">Gets the rows sent.</param>
    public ChunkAttempt(
        DatabaseConnection connection, BatchRequest request, BatchPlan? plan, int chunk, int repeats, ChunkProgress progress)
    {
        _connection = connection;
        _request = request;
        _plan = plan;
        _repeats = repeats;
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

    /// <summary>The row of the ledger that the attempt writes.</summary>
    public LedgerClaim Claim => _claim;

    /// <summary>Process id of the server's session whose connection broke under the attempt; 0 when none did.</summary>
    public int DeadBackend { get; private set; }

    /// <summary>Makes the attempt.</summary>
    /// <param name="committing">Gets what the chunk will have done, just before the commit is sent.</param>
    /// <param name="sessionBefore">Session of an attempt that failed, or 0: it is ended first.</param>
    /// <param name="guard">Cancels the attempt.</param>
    /// <returns>The result; null when someone changed the tables since they were read.</returns>
    public async Task<ChunkResult?> LoadAsync(Action<ChunkResult> committing, int sessionBefore, Watchdog guard)
    {
        await using var open = await Session.OpenAsync(_connection, SessionKind.Write, guard.Token).ConfigureAwait(false);
        if (sessionBefore != 0)
        {
            await open.BeginAsync(guard.Token).ConfigureAwait(false);
            await Loading.DeadBackend.EndAsync(open.Open, sessionBefore, guard.Token).ConfigureAwait(false);
        }

        var session = open.Open.ProcessID;
        try
        {
            return await LoadAsync(open, committing, guard).ConfigureAwait(false);
        }
        catch when (open.Open.State != System.Data.ConnectionState.Open)
        {
            DeadBackend = session;
            throw;
        }
    }

    private async Task<ChunkResult?> LoadAsync(Session session, Action<ChunkResult> committing, Watchdog guard)
    {
        var open = session.Open;
        using var watch = _request.Sampler?.Watch(open);
        var target = await TargetTables.GetAsync(session, _connection, _request.Model, guard.Token).ConfigureAwait(false);
        _request.Options.Shape?.Look(target.Live, _connection);
        var check = ForeignKeyDecision.Make(
            _request.Options.ForeignKeyCheck, (_plan?.TotalRows ?? _request.Options.TotalRows) / _claim.Chunks, target.WhyNotBySet)
            .Except(SetCheckedTables.Others(_request.Model));
        var opening = new ChunkOpening(session, _connection.Schema, _request, target, check.Check);
        await opening.AskAsync(_claim, _plan, guard.Token).ConfigureAwait(false);
        if (!opening.TablesAreCurrent)
        {
            return null;
        }

        if (opening.BatchNumber is not { } number)
        {
            return await ReadLoadedAsync(open, guard.Token).ConfigureAwait(false);
        }

        guard.Moved();
        var plan = _plan ?? await UniqueProbe.LeaveOutTakenAsync(
            open, _connection.Schema, await MakePlanAsync(opening, number, guard.Token).ConfigureAwait(false), guard.Token).ConfigureAwait(false);
        var result = await LoadAsync(open, plan, check, opening.Inserted, guard).ConfigureAwait(false);

        committing(result);
        guard.Moved();
        using var phase = Phase(BatchPhase.Commit);
        var begin = Stopwatch.GetTimestamp();
        await session.CommitAsync(guard.Token).ConfigureAwait(false);
        phase.Complete();
        return result with { Figures = result.Figures with { Commit = Stopwatch.GetElapsedTime(begin) } };
    }

    private async Task<ChunkResult> LoadAsync(
        NpgsqlConnection open, BatchPlan plan, ForeignKeyDecision check, InsertCounter inserted, Watchdog guard)
    {
        var generator = new BatchGenerator(plan, _claim.Chunk);
        if (generator.RowsPerTable.Values.Sum() <= SmallChunk.MaxRows)
        {
            return await LoadSmallAsync(open, plan, generator, check, guard).ConfigureAwait(false);
        }

        var rebuild = new RebuildAfterLoad(_connection.Schema, plan.Model);
        return MayRebuild(plan, check) && await rebuild.IsPossibleAsync(open, guard.Token).ConfigureAwait(false)
            ? await LoadIntoEmptyTablesAsync(open, plan, rebuild, inserted, guard).ConfigureAwait(false)
            : await LoadLargeAsync(open, plan, generator, check, inserted, guard).ConfigureAwait(false);
    }

    private async Task<ChunkResult> LoadSmallAsync(
        NpgsqlConnection open, BatchPlan plan, BatchGenerator generator, ForeignKeyDecision check, Watchdog guard)
    {
        using var generating = StreamingActivity.StartGenerating(_claim.Chunk);
        var begin = Stopwatch.GetTimestamp();
        var findings = new VerificationFindings();
        var commands = new CommandBatch(open);
        new SmallChunk(_connection.Schema, plan, generator, check.Check, findings).Ask(commands);
        var figures = new ChunkFigures { Generate = Stopwatch.GetElapsedTime(begin) };
        generating.Complete();

        // Loaded and verified in one step; its time counts as loading.
        using var loading = Phase(BatchPhase.Load);
        begin = Stopwatch.GetTimestamp();
        var committedAt = await CompleteAsync(commands, plan, [generator], check.Check, guard).ConfigureAwait(false);
        findings.ThrowIfAny();
        figures = figures with { Load = Stopwatch.GetElapsedTime(begin) };
        loading.Complete();
        return new ChunkResult(plan, generator.RowsPerTable, check, figures, committedAt, AlreadyLoaded: false);
    }

    private async Task<ChunkResult> LoadLargeAsync(
        NpgsqlConnection open,
        BatchPlan plan,
        BatchGenerator generator,
        ForeignKeyDecision check,
        InsertCounter inserted,
        Watchdog guard)
    {
        var figures = await CopyAndVerifyAsync(open, plan, generator, check.Check, inserted, guard).ConfigureAwait(false);
        using var phase = Phase(BatchPhase.Verify);
        var begin = Stopwatch.GetTimestamp();
        var committedAt = await CompleteAsync(new CommandBatch(open), plan, [generator], check.Check, guard).ConfigureAwait(false);
        figures = figures with { Verify = figures.Verify + Stopwatch.GetElapsedTime(begin) };
        phase.Complete();
        return new ChunkResult(plan, generator.RowsPerTable, check, figures, committedAt, AlreadyLoaded: false);
    }

    /// <summary>
    /// Loads all chunks in this one transaction, and builds the foreign keys and indexes at its end: between two transactions the
    /// tables must have them.
    /// </summary>
    private async Task<ChunkResult> LoadIntoEmptyTablesAsync(
        NpgsqlConnection open, BatchPlan plan, RebuildAfterLoad rebuild, InsertCounter inserted, Watchdog guard)
    {
        var generators = Enumerable.Range(0, plan.Chunks).Select(chunk => new BatchGenerator(plan, chunk)).ToArray();
        var figures = new ChunkFigures();
        await rebuild.DropAsync(open, guard.Token).ConfigureAwait(false);
        foreach (var generator in generators)
        {
            figures += await CopyAndVerifyAsync(open, plan, generator, ForeignKeyCheck.Row, inserted, guard).ConfigureAwait(false);
        }

        using var phase = Phase(BatchPhase.Verify);
        var begin = Stopwatch.GetTimestamp();
        await rebuild.RestoreAsync(open, guard).ConfigureAwait(false);
        var committedAt = await CompleteAsync(new CommandBatch(open), plan, generators, ForeignKeyCheck.Set, guard).ConfigureAwait(false);
        figures = figures with { Verify = figures.Verify + Stopwatch.GetElapsedTime(begin) };
        phase.Complete();
        var rows = plan.Model.Tables.ToDictionary(
            table => table.Name, table => generators.Sum(generator => generator.Rows(table).Count), StringComparer.Ordinal);
        return new ChunkResult(plan, rows, rebuild.Decision, figures, committedAt, AlreadyLoaded: false, IsWholeBatch: true);
    }

    private bool MayRebuild(BatchPlan plan, ForeignKeyDecision check) =>
        _plan is null
        && check.Check == ForeignKeyCheck.Row
        && _request.Options.ForeignKeyCheck == ForeignKeyCheck.Auto
        && plan.TotalRows >= RebuildAfterLoad.WorthwhileRows;

    private async Task<ChunkFigures> CopyAndVerifyAsync(
        NpgsqlConnection open,
        BatchPlan plan,
        BatchGenerator generator,
        ForeignKeyCheck check,
        InsertCounter inserted,
        Watchdog guard)
    {
        using var loading = Phase(BatchPhase.Load);
        var begin = Stopwatch.GetTimestamp();
        var figures = await LargeChunk.CopyAsync(open, _connection.Schema, plan, generator, check, _progress, guard.Token)
            .ConfigureAwait(false);
        figures = figures with { Load = Stopwatch.GetElapsedTime(begin) };
        loading.Complete();
        guard.Moved();

        using var proving = Phase(BatchPhase.Verify);
        begin = Stopwatch.GetTimestamp();
        var proof = new NewRowVerification(open, _connection.Schema, plan, generator, check, inserted);
        await proof.RunAsync(guard.Token).ConfigureAwait(false);
        proving.Complete();
        guard.Moved();
        return figures with { Verify = Stopwatch.GetElapsedTime(begin) };
    }

    /// <summary>Completes the ledger rows of the chunks that this transaction loads, in one round trip with what is left to do.</summary>
    /// <returns>The server's time.</returns>
    private async Task<DateTime> CompleteAsync(
        CommandBatch commands, BatchPlan plan, IReadOnlyList<BatchGenerator> generators, ForeignKeyCheck check, Watchdog guard)
    {
        DateTime committedAt = default;
        SumCorrection.Ask(commands, _connection.Schema, plan);
        foreach (var generator in generators)
        {
            var claim = _claim with { Chunk = generator.Chunk, BatchNumber = plan.BatchNumber };
            if (generator.Chunk != _claim.Chunk)
            {
                BatchLedger.Claim(commands, _connection.Schema, claim, _ => { });
            }

            BatchLedger.Complete(
                commands,
                _connection.Schema,
                claim,
                generator.RowsPerTable,
                check,
                _repeats,
                PlanToKeep(plan, generator.Chunk),
                time => committedAt = time);
        }

        await commands.ExecuteAsync(guard.Token).ConfigureAwait(false);
        return committedAt;
    }

    private PhaseSpan Phase(string name) => StreamingActivity.StartPhase(_connection, name, _claim.Chunk);

    /// <summary>The first chunk's ledger row keeps the plan for whoever has to load the others.</summary>
    private static string? PlanToKeep(BatchPlan plan, int chunk) => chunk == 0 && plan.Chunks > 1 ? PlanJson.Write(plan) : null;

    private async Task<BatchPlan> MakePlanAsync(ChunkOpening opening, long number, CancellationToken cancellationToken)
    {
        var parents = await opening.GetParentsAsync(cancellationToken).ConfigureAwait(false);
        return new BatchPlan
        {
            Model = _request.Model,
            Seed = _request.Settings.Seed,
            BatchNumber = number,
            ReferenceTime = _request.Settings.ReferenceTime,
            KeyTime = _request.Settings.KeyTime(number),
            Locale = _request.Options.Locale,
            Rows = _request.Options.Rows,
            ExistingRatio = _request.Options.ExistingRatio,
            Chunks = _request.Chunks,
            Existing = parents.Rows,
            Taken = parents.Taken,
            NumbersBefore = parents.NumbersBefore,
            FirstSequenceValue = await opening.GetSequenceValuesAsync(cancellationToken).ConfigureAwait(false),
        };
    }

    private async Task<ChunkResult> ReadLoadedAsync(NpgsqlConnection open, CancellationToken cancellationToken)
    {
        var rows = await BatchLedger.ReadAsync(open, _connection.Schema, _claim.BatchId, cancellationToken).ConfigureAwait(false);
        return LedgeredBatch.ChunkOf(_request.Model, rows.Single(row => row.Chunk == _claim.Chunk));
    }
}
