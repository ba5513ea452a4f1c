using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>Loads one part of a batch: a transaction with its ledger row first, the rows, their proof, the commit.</summary>
internal sealed class PartLoader
{
    private readonly DatabaseConnection _connection;
    private readonly NpgsqlConnection _open;
    private readonly NpgsqlTransaction _transaction;
    private readonly BatchRequest _request;
    private readonly BatchProgressCounter? _progress;

    private PartLoader(
        DatabaseConnection connection,
        NpgsqlConnection open,
        NpgsqlTransaction transaction,
        BatchRequest request,
        BatchProgressCounter? progress)
    {
        _connection = connection;
        _open = open;
        _transaction = transaction;
        _request = request;
        _progress = progress;
    }

    /// <summary>Loads the first part, which decides what the others follow: batch number, existing parents, sequence values.</summary>
    public static Task<PartResult> LoadFirstAsync(
        DatabaseConnection connection, BatchRequest request, BatchProgressCounter? progress, CancellationToken cancellationToken) =>
        RunAsync(connection, request, progress, loader => loader.LoadFirstAsync(cancellationToken), cancellationToken);

    /// <summary>Loads another part.</summary>
    public static Task<PartResult> LoadAsync(
        DatabaseConnection connection,
        BatchRequest request,
        BatchPlan plan,
        int part,
        BatchProgressCounter? progress,
        CancellationToken cancellationToken) =>
        RunAsync(connection, request, progress, loader => loader.LoadOtherAsync(plan, part, cancellationToken), cancellationToken);

    private static async Task<PartResult> RunAsync(
        DatabaseConnection connection,
        BatchRequest request,
        BatchProgressCounter? progress,
        Func<PartLoader, Task<PartResult>> load,
        CancellationToken cancellationToken)
    {
        var open = await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (open.ConfigureAwait(false))
        {
            var transaction = await open.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                return await load(new PartLoader(connection, open, transaction, request, progress)).ConfigureAwait(false);
            }
        }
    }

    private async Task<PartResult> LoadFirstAsync(CancellationToken cancellationToken)
    {
        var target = await TargetTables.ReadAsync(_open, _connection, _request.Model, cancellationToken).ConfigureAwait(false);
        var check = ForeignKeyDecision.Make(_request.Options.ForeignKeyCheck, target.WhyNotBySet);
        var claim = new LedgerClaim
        {
            BatchId = _request.BatchId,
            Parts = _request.Parts,
            Seed = _request.Settings.Seed,
            ReferenceTime = _request.Settings.ReferenceTime,
        };
        var number = await BatchLedger.ClaimAsync(_open, _connection.Schema, claim, cancellationToken).ConfigureAwait(false);
        if (number is null)
        {
            return await ReadLoadedAsync(claim, null, cancellationToken).ConfigureAwait(false);
        }

        var plan = await MakePlanAsync(number.Value, check.Check, cancellationToken).ConfigureAwait(false);
        return await LoadAsync(plan, claim, check, cancellationToken).ConfigureAwait(false);
    }

    private async Task<PartResult> LoadOtherAsync(BatchPlan plan, int part, CancellationToken cancellationToken)
    {
        var target = await TargetTables.ReadAsync(_open, _connection, _request.Model, cancellationToken).ConfigureAwait(false);
        var check = ForeignKeyDecision.Make(_request.Options.ForeignKeyCheck, target.WhyNotBySet);
        var claim = new LedgerClaim
        {
            BatchId = _request.BatchId,
            Part = part,
            Parts = plan.Parts,
            BatchNumber = plan.BatchNumber,
            Seed = plan.Seed,
            ReferenceTime = plan.ReferenceTime,
        };
        return await BatchLedger.ClaimAsync(_open, _connection.Schema, claim, cancellationToken).ConfigureAwait(false) is null
            ? await ReadLoadedAsync(claim, plan, cancellationToken).ConfigureAwait(false)
            : await LoadAsync(plan, claim, check, cancellationToken).ConfigureAwait(false);
    }

    private async Task<PartResult> LoadAsync(
        BatchPlan plan, LedgerClaim claim, ForeignKeyDecision check, CancellationToken cancellationToken)
    {
        var generator = new BatchGenerator(plan, claim.Part);
        if (check.Check == ForeignKeyCheck.Set)
        {
            await ExecuteAsync("SET LOCAL session_replication_role = replica", cancellationToken).ConfigureAwait(false);
        }

        var begin = Stopwatch.GetTimestamp();
        var generating = await CopyAsync(plan, generator, cancellationToken).ConfigureAwait(false);
        var load = Stopwatch.GetElapsedTime(begin);

        begin = Stopwatch.GetTimestamp();
        var rows = await new NewRowProof(_open, _connection.Schema, plan, generator).RunAsync(cancellationToken).ConfigureAwait(false);
        await CorrectAmountsAsync(plan, cancellationToken).ConfigureAwait(false);
        var committedAt = await BatchLedger.CompleteAsync(
            _open, _connection.Schema, claim, rows, check.Check, cancellationToken).ConfigureAwait(false);
        var verify = Stopwatch.GetElapsedTime(begin);

        begin = Stopwatch.GetTimestamp();
        await _transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        var figures = new PartFigures(generating, load, verify, Stopwatch.GetElapsedTime(begin));
        return new PartResult(plan, rows, check, figures, committedAt, AlreadyLoaded: false);
    }

    private async Task<BatchPlan> MakePlanAsync(long number, ForeignKeyCheck check, CancellationToken cancellationToken)
    {
        var existing = new Dictionary<string, ExistingRows>();
        var firstValues = new Dictionary<string, long>();
        foreach (var table in _request.Model.Tables)
        {
            if (_request.ParentsWanted(table) is > 0 and var wanted)
            {
                existing[table.Name] = await ParentSampler.SampleAsync(
                    _open,
                    _connection.Schema,
                    table,
                    wanted,
                    _request.Settings,
                    lockRows: check == ForeignKeyCheck.Set,
                    cancellationToken).ConfigureAwait(false);
            }

            if (table.SequenceColumn is not null && _request.Options.RowsOf(table.Name) is > 0 and var rows)
            {
                firstValues[table.Name] = await SequenceReservation.ReserveAsync(
                    _open, _connection.Schema, table, rows, cancellationToken).ConfigureAwait(false);
            }
        }

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
            Parts = _request.Parts,
            Existing = existing,
            FirstSequenceValue = firstValues,
        };
    }

    /// <summary>Makes and sends the rows, the one on another thread than the other.</summary>
    /// <returns>Time of making rows.</returns>
    private async Task<TimeSpan> CopyAsync(BatchPlan plan, BatchGenerator generator, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var producer = new RowProducer(plan, generator);
        var producing = Task.Run(() => producer.RunAsync(stop.Token), CancellationToken.None);
        try
        {
            await SendAsync(producer, cancellationToken).ConfigureAwait(false);
            await producing.ConfigureAwait(false);
            return producer.Time;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(producing).ConfigureAwait(false);
            producer.Drain();
        }
    }

    private async Task SendAsync(RowProducer producer, CancellationToken cancellationToken)
    {
        CopyTarget? target = null;
        TableModel? loading = null;
        try
        {
            await foreach (var (table, block) in producer.Blocks.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                using (block)
                {
                    if (loading != table)
                    {
                        await CompleteAsync(target, cancellationToken).ConfigureAwait(false);
                        target = null;
                        target = await CopyTarget.BeginAsync(_open, _connection.Schema, table.Name, table.Columns, cancellationToken)
                            .ConfigureAwait(false);
                        loading = table;
                    }

                    await target!.SendAsync(block, cancellationToken).ConfigureAwait(false);
                    _progress?.Add($"Loading {table.Name}", block.Rows);
                }
            }

            await CompleteAsync(target, cancellationToken).ConfigureAwait(false);
            target = null;
        }
        finally
        {
            if (target is not null)
            {
                await target.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static Task CompleteAsync(CopyTarget? target, CancellationToken cancellationToken) =>
        target?.CompleteAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>New lines of transactions that were there before change what these amount to.</summary>
    private async Task CorrectAmountsAsync(BatchPlan plan, CancellationToken cancellationToken)
    {
        if (ShopLines.Find(plan.Model) is { } shop
            && plan.RowsOf(shop.Lines.Name) > 0
            && plan.RowsOf(shop.ToTransaction.ParentTable) == 0)
        {
            await AmountCorrection.RunAsync(_open, _connection.Schema, shop, plan, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<PartResult> ReadLoadedAsync(LedgerClaim claim, BatchPlan? plan, CancellationToken cancellationToken)
    {
        var row = await BatchLedger.ReadAsync(_open, _connection.Schema, claim.BatchId, claim.Part, cancellationToken)
            .ConfigureAwait(false);
        plan ??= new BatchPlan
        {
            Model = _request.Model,
            Seed = row.Seed,
            BatchNumber = row.BatchNumber,
            ReferenceTime = DateTime.SpecifyKind(row.ReferenceTime, DateTimeKind.Utc),
            KeyTime = 0,
            Rows = row.Rows,
            Parts = row.Parts,
        };
        return new PartResult(
            plan, row.Rows, new ForeignKeyDecision(row.Check, "as the ledger says"), default, row.CommittedAt, AlreadyLoaded: true);
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, _open);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
