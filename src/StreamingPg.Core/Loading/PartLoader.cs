using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;

namespace StreamingPg.Core.Loading;

/// <summary>Loads one part of a batch: a transaction with its ledger row first, the rows, their proof, the commit.</summary>
/// <remarks>A small part takes three round trips: what must be known beforehand, the rows with their proof, the commit.</remarks>
internal sealed class PartLoader
{
    private readonly DatabaseConnection _connection;
    private readonly BatchRequest _request;
    private readonly BatchProgressCounter? _progress;

    public PartLoader(DatabaseConnection connection, BatchRequest request, BatchProgressCounter? progress)
    {
        _connection = connection;
        _request = request;
        _progress = progress;
    }

    /// <summary>Loads a part.</summary>
    /// <param name="plan">The plan; null for the first part, which makes it: batch number, existing parents, sequence values.</param>
    /// <param name="part">Number of the part.</param>
    /// <param name="cancellationToken">Cancels; nothing of the part stays then.</param>
    public async Task<PartResult> LoadAsync(BatchPlan? plan, int part, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (await TryLoadAsync(plan, part, cancellationToken).ConfigureAwait(false) is { } result)
                {
                    return result;
                }

                TargetTables.Forget(_connection, _request.Model);
            }
        }
        catch
        {
            // Whatever went wrong, what is remembered of the tables may have been the cause.
            TargetTables.Forget(_connection, _request.Model);
            throw;
        }
    }

    /// <returns>The result; null when someone changed the tables since they were read.</returns>
    private async Task<PartResult?> TryLoadAsync(BatchPlan? plan, int part, CancellationToken cancellationToken)
    {
        await using var open = await _connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await using var transaction = await open.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            return await TryLoadAsync(open, transaction, plan, part, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await SequenceReservation.UnlockAsync(open).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<PartResult?> TryLoadAsync(
        NpgsqlConnection open, NpgsqlTransaction transaction, BatchPlan? plan, int part, CancellationToken cancellationToken)
    {
        var target = await TargetTables.GetAsync(open, _connection, _request.Model, cancellationToken).ConfigureAwait(false);
        var check = ForeignKeyDecision.Make(
            _request.Options.ForeignKeyCheck, _request.Options.TotalRows / _request.Parts, target.WhyNotBySet);
        var claim = Claim(plan, part);
        var opening = new PartOpening(open, _connection.Schema, _request, target, check.Check);
        await opening.AskAsync(claim, decidesPlan: plan is null, cancellationToken).ConfigureAwait(false);
        if (!opening.TablesAreCurrent)
        {
            return null;
        }

        if (opening.BatchNumber is not { } number)
        {
            return await ReadLoadedAsync(open, claim, plan, cancellationToken).ConfigureAwait(false);
        }

        plan ??= await MakePlanAsync(opening, number, cancellationToken).ConfigureAwait(false);
        return await LoadAsync(open, transaction, plan, claim, check, opening.Inserted, cancellationToken).ConfigureAwait(false);
    }

    private LedgerClaim Claim(BatchPlan? plan, int part) => new()
    {
        BatchId = _request.BatchId,
        Part = part,
        Parts = _request.Parts,
        BatchNumber = plan?.BatchNumber,
        Seed = _request.Settings.Seed,
        ReferenceTime = _request.Settings.ReferenceTime,
    };

    private async Task<PartResult> LoadAsync(
        NpgsqlConnection open,
        NpgsqlTransaction transaction,
        BatchPlan plan,
        LedgerClaim claim,
        ForeignKeyDecision check,
        InsertCounter inserted,
        CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var generator = new BatchGenerator(plan, claim.Part);
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
            var generate = await LargePart.CopyAsync(open, _connection.Schema, plan, generator, _progress, cancellationToken)
                .ConfigureAwait(false);
            figures = figures with { Generate = generate, Load = Stopwatch.GetElapsedTime(begin) };
            new NewRowProof(_connection.Schema, plan, generator, check.Check, inserted, findings).Ask(trip);
        }

        DateTime committedAt = default;
        begin = Stopwatch.GetTimestamp();
        AmountCorrection.Ask(trip, _connection.Schema, plan);
        BatchLedger.Complete(trip, _connection.Schema, claim, rows, check.Check, time => committedAt = time);
        await trip.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        findings.ThrowIfAny();

        // A small part is loaded and proven in one go; its time counts as loading.
        var last = Stopwatch.GetElapsedTime(begin);
        figures = figures.Load == TimeSpan.Zero ? figures with { Load = last } : figures with { Verify = last };

        begin = Stopwatch.GetTimestamp();
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        figures = figures with { Commit = Stopwatch.GetElapsedTime(begin) };
        return new PartResult(plan, rows, check, figures, committedAt, AlreadyLoaded: false);
    }

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

    private async Task<PartResult> ReadLoadedAsync(
        NpgsqlConnection open, LedgerClaim claim, BatchPlan? plan, CancellationToken cancellationToken)
    {
        var row = await BatchLedger.ReadAsync(open, _connection.Schema, claim.BatchId, claim.Part, cancellationToken)
            .ConfigureAwait(false);
        plan ??= new BatchPlan
        {
            Model = _request.Model,
            Seed = row.Seed,
            BatchNumber = row.BatchNumber,
            ReferenceTime = row.ReferenceTime,
            KeyTime = 0,
            Rows = row.Rows,
            Parts = row.Parts,
        };
        return new PartResult(
            plan, row.Rows, new ForeignKeyDecision(row.Check, "as the ledger says"), default, row.CommittedAt, AlreadyLoaded: true);
    }
}
