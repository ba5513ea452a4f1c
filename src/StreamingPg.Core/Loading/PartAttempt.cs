using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;

namespace StreamingPg.Core.Loading;

/// <summary>One attempt to load a part: a transaction with its ledger row first, the rows, their proof, the commit.</summary>
/// <remarks>A small part takes three round trips: what must be known beforehand, the rows with their proof, the commit.</remarks>
internal sealed class PartAttempt
{
    private readonly DatabaseConnection _connection;
    private readonly BatchRequest _request;
    private readonly BatchPlan? _plan;
    private readonly LedgerClaim _claim;
    private readonly int _repeats;
    private readonly PartProgress _progress;

    public PartAttempt(
        DatabaseConnection connection, BatchRequest request, BatchPlan? plan, int part, int repeats, PartProgress progress)
    {
        _connection = connection;
        _request = request;
        _plan = plan;
        _repeats = repeats;
        _progress = progress;
        _claim = new LedgerClaim
        {
            BatchId = request.BatchId,
            Part = part,
            Parts = plan?.Parts ?? request.Parts,
            BatchNumber = plan?.BatchNumber,
            Seed = plan?.Seed ?? request.Settings.Seed,
            ReferenceTime = plan?.ReferenceTime ?? request.Settings.ReferenceTime,
        };
    }

    /// <summary>Makes the attempt.</summary>
    /// <param name="committing">Gets what the part will have done, just before the commit is sent.</param>
    /// <param name="guard">Cancels the attempt.</param>
    /// <returns>The result; null when someone changed the tables since they were read.</returns>
    public async Task<PartResult?> LoadAsync(Action<PartResult> committing, StallGuard guard)
    {
        await using var open = await _connection.OpenAsync(guard.Token).ConfigureAwait(false);
        await using var transaction = await open.BeginTransactionAsync(guard.Token).ConfigureAwait(false);
        var target = await TargetTables.GetAsync(open, _connection, _request.Model, guard.Token).ConfigureAwait(false);
        var check = ForeignKeyDecision.Make(
            _request.Options.ForeignKeyCheck, (_plan?.TotalRows ?? _request.Options.TotalRows) / _claim.Parts, target.WhyNotBySet);
        var opening = new PartOpening(open, _connection.Schema, _request, target, check.Check);
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
        var plan = _plan ?? await MakePlanAsync(opening, number, guard.Token).ConfigureAwait(false);
        var result = await LoadAsync(open, plan, check, opening.Inserted, guard).ConfigureAwait(false);

        committing(result);
        guard.Moved();
        var begin = Stopwatch.GetTimestamp();
        await transaction.CommitAsync(guard.Token).ConfigureAwait(false);
        return result with { Figures = result.Figures with { Commit = Stopwatch.GetElapsedTime(begin) } };
    }

    private async Task<PartResult> LoadAsync(
        NpgsqlConnection open, BatchPlan plan, ForeignKeyDecision check, InsertCounter inserted, StallGuard guard)
    {
        var begin = Stopwatch.GetTimestamp();
        var generator = new BatchGenerator(plan, _claim.Part);
        var rows = generator.RowsPerTable;
        var findings = new ProofFindings();
        var figures = new PartFigures();
        var trip = new RoundTrip(open);
        if (rows.Values.Sum() <= SmallPart.MaxRows)
        {
            new SmallPart(_connection.Schema, plan, generator, check.Check, findings).Ask(trip);
            figures = figures with { Generate = Stopwatch.GetElapsedTime(begin) };
        }
        else
        {
            var generate = await LargePart.CopyAsync(open, _connection.Schema, plan, generator, _progress, guard.Token)
                .ConfigureAwait(false);
            figures = figures with { Generate = generate, Load = Stopwatch.GetElapsedTime(begin) };
            new NewRowProof(_connection.Schema, plan, generator, check.Check, inserted, findings).Ask(trip);
        }

        guard.Moved();
        DateTime committedAt = default;
        begin = Stopwatch.GetTimestamp();
        AmountCorrection.Ask(trip, _connection.Schema, plan);
        BatchLedger.Complete(trip, _connection.Schema, _claim, rows, check.Check, _repeats, PlanToKeep(plan), time => committedAt = time);
        await trip.ExecuteAsync(guard.Token).ConfigureAwait(false);
        findings.ThrowIfAny();

        // A small part is loaded and proven in one go; its time counts as loading.
        var last = Stopwatch.GetElapsedTime(begin);
        figures = figures.Load == TimeSpan.Zero ? figures with { Load = last } : figures with { Verify = last };
        return new PartResult(plan, rows, check, figures, committedAt, AlreadyLoaded: false);
    }

    /// <summary>The first part's ledger row keeps the plan for whoever has to load the others.</summary>
    private string? PlanToKeep(BatchPlan plan) => _claim.Part == 0 && plan.Parts > 1 ? PlanJson.Write(plan) : null;

    private async Task<BatchPlan> MakePlanAsync(PartOpening opening, long number, CancellationToken cancellationToken) => new()
    {
        Model = _request.Model,
        Seed = _request.Settings.Seed,
        BatchNumber = number,
        ReferenceTime = _request.Settings.ReferenceTime,
        KeyTime = _request.Settings.KeyTime(number),
        Locale = _request.Options.Locale,
        Rows = _request.Options.Rows,
        ExistingRatio = _request.Options.ExistingRatio,
        Parts = _request.Parts,
        Existing = await opening.GetParentsAsync(cancellationToken).ConfigureAwait(false),
        FirstSequenceValue = await opening.GetSequenceValuesAsync(cancellationToken).ConfigureAwait(false),
    };

    private async Task<PartResult> ReadLoadedAsync(NpgsqlConnection open, CancellationToken cancellationToken)
    {
        var rows = await BatchLedger.ReadAsync(open, _connection.Schema, _claim.BatchId, cancellationToken).ConfigureAwait(false);
        return LedgeredBatch.PartOf(_request.Model, rows.Single(row => row.Part == _claim.Part));
    }
}
