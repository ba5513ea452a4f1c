using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.References;
using StreamingPg.Core.Model;
using StreamingPg.Core.Rights;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Filling;

/// <summary>Fills the tables of one schema, step by step.</summary>
/// <remarks>
/// A table is filled by a batch like any other. Where that cannot keep a constraint of the table, or finds too few rows, the table is
/// filled through <see cref="TableSieve"/>: the server itself says which rows may stay.
/// </remarks>
internal sealed class SchemaFiller
{
    private readonly DatabaseConnection _connection;
    private readonly FillOptions _options;
    private readonly FillPlan _plan;
    private readonly long _seed;
    private readonly KeptRows _kept;
    private readonly FirstPartitions _partitions;
    private TargetTables? _tables;
    private bool _isBegun;

    public SchemaFiller(DatabaseConnection connection, FillOptions options, FillPlan plan, long seed)
    {
        _connection = connection;
        _options = options;
        _plan = plan;
        _seed = seed;
        _kept = new KeptRows(connection, plan);
        _partitions = new FirstPartitions(connection, plan.MissingPartitions);
    }

    /// <summary>What is to be filled.</summary>
    public FillPlan Plan => _plan;

    /// <summary>The tables of which no row is left.</summary>
    public IEnumerable<TableFillResult> NotKept => _kept.NotKept;

    /// <summary>Fills the tables of a step.</summary>
    /// <returns>What became of each table; nothing yet of one whose rows are to come with those of a table that refers to it.</returns>
    public async Task<IReadOnlyList<TableFillResult>> RunAsync(FillStep step, CancellationToken cancellationToken)
    {
        if (_options.PlanOnly)
        {
            return [.. step.Tables.Select(table => _partitions.Told(Planned(table)))];
        }

        if (!_isBegun)
        {
            await MakeLedgerAsync(cancellationToken).ConfigureAwait(false);
            await _partitions.MakeAsync(cancellationToken).ConfigureAwait(false);
            _tables = await ReadTablesAsync(cancellationToken).ConfigureAwait(false);
            _isBegun = true;
        }

        List<TableFillResult> results =
            [.. from table in step.Tables where _partitions.WhyNone(table.Name) is not null select Result(table, FillStatus.LeftOut, 0, _partitions.WhyNone(table.Name), default)];
        if (results.Count > 0)
        {
            step = step with { Parts = [.. step.Parts.Where(part => part.All(table => _partitions.WhyNone(table.Name) is null))] };
        }

        return [.. results, .. (await FillPartsAsync(step, cancellationToken).ConfigureAwait(false)).Select(_partitions.Told)];
    }

    private async Task<IReadOnlyList<TableFillResult>> FillPartsAsync(FillStep step, CancellationToken cancellationToken)
    {
        var together = step.Parts.Count > 1 && !_kept.RefersToNotKept(step) ? await FillAndCountAsync(step, cancellationToken).ConfigureAwait(false) : null;
        if (together is not null)
        {
            return together;
        }

        // What several tables could not have together, each may have by itself.
        var results = new List<TableFillResult>();
        foreach (var part in step.Parts)
        {
            var own = step with { Parts = [_kept.WithThoseNotKept(part)] };
            results.AddRange(await FillAndCountAsync(own, cancellationToken).ConfigureAwait(false) ?? []);
        }

        return results;
    }

    private async Task<IReadOnlyList<TableFillResult>?> FillAndCountAsync(FillStep step, CancellationToken cancellationToken)
    {
        await _kept.BeginAsync(step, cancellationToken).ConfigureAwait(false);
        return await FillAsync(step, share: 1, tooSlow: null, asAsked: null, cancellationToken).ConfigureAwait(false) is { } results
            ? await _kept.EndAsync(results, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>Reads the tables once for all batches. A table that is not as planned is left out, and those that refer to it: their batches read their own, and say so.</summary>
    private async Task<TargetTables?> ReadTablesAsync(CancellationToken cancellationToken)
    {
        var model = _plan.Model;
        while (model.Tables.Count > 0)
        {
            string? other;
            try
            {
                return await TargetTables.ReadAsync(_connection, model, cancellationToken).ConfigureAwait(false);
            }
            catch (TablesWidenedException exception)
            {
                other = exception.Error.Target as string;
            }
            catch (StreamingException error) when (IsOfTable(error))
            {
                other = error.Target as string;
            }
            catch (NpgsqlException exception)
            {
                throw ServerError.Translate(exception, _connection, "reading the tables");
            }

            var rest = model.Tables.Where(table => table.Name != other && !_plan.Refers(table.Name, other)).ToList();
            if (other is null || rest.Count == model.Tables.Count)
            {
                return null;
            }

            model = new StreamModel(rest) { UserTypes = model.UserTypes };
        }

        return null;
    }

    private TableFillResult Planned(TableModel table) => Result(table, FillStatus.Planned, 0, null, default);

    /// <summary>Fills the tables of a step; null when it has several parts that cannot be filled together.</summary>
    /// <param name="step">The step.</param>
    /// <param name="share">One of how many rows that were asked for is tried.</param>
    /// <param name="tooSlow">Why not all of them are.</param>
    /// <param name="asAsked">Makes of a table what its triggers seem to ask for; null for the table as it is.</param>
    /// <param name="cancellationToken">Cancels.</param>
    private async Task<IReadOnlyList<TableFillResult>?> FillAsync(
        FillStep step, long share, StreamingException? tooSlow, Func<TableModel, TableModel>? asAsked, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var group = step.Tables;
        var model = step.IsOneCircle ? Trusting(_plan.ModelOf(group), group) : _plan.ModelOf(group);
        model = asAsked is null ? model : group.Aggregate(model, (known, table) => known.With(asAsked(known.Table(table.Name))));
        var made = group.ToDictionary(table => table.Name, _ => 0L, StringComparer.Ordinal);
        try
        {
            model = await OutsideParents.ReadAsync(_connection, model, made.ContainsKey, cancellationToken).ConfigureAwait(false);
            _tables?.Remember(_connection, model);
            tooSlow = await new StepLoader(_connection, _options, _seed) { Tables = _tables }.LoadAsync(model, step, share, made, cancellationToken).ConfigureAwait(false) ?? tooSlow;
            return [.. group.Select(table => Result(table, tooSlow is null ? FillStatus.Filled : FillStatus.Partial, made[table.Name], tooSlow, Stopwatch.GetElapsedTime(begin)))];
        }
        catch (StreamingException error) when (TimeLimit.IsOver(error) && step.Parts.Count == 1 && step.HasFewer(share) && made.Values.All(rows => rows == 0))
        {
            return await FillAsync(step, step.Fewer(share), tooSlow ?? error, asAsked, cancellationToken).ConfigureAwait(false);
        }
        catch (StreamingException error) when (IsOfTable(error))
        {
            return await FillRefusedAsync(step, share, model, error, made, isAsAsked: asAsked is not null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or StreamingException or OutOfMemoryException))
        {
            return (await FillOtherwiseAsync(step, model, Fault(exception), made, isForOthers: null, cancellationToken).ConfigureAwait(false)).Results;
        }
        finally
        {
            TargetTables.Forget(_connection, model); // nobody comes back to them
        }
    }

    /// <summary>
    /// Tables that only come together cannot be filled through the sieve: whether their rows satisfy what is not understood, the server says
    /// of all of them at once.
    /// </summary>
    private static StreamModel Trusting(StreamModel model, IReadOnlyList<TableModel> group) => group.Where(table => table.UnreadChecks.Count > 0)
        .Aggregate(model, (known, table) => known.With(known.Table(table.Name) with { UnreadChecks = [] }));

    /// <summary>
    /// Fills tables that could not be loaded as they are: with the values that their triggers seem to ask for where the server refused them,
    /// and else with those that it takes.
    /// </summary>
    private async Task<IReadOnlyList<TableFillResult>?> FillRefusedAsync(
        FillStep step, long share, StreamModel model, StreamingException error, Dictionary<string, long> made, bool isAsAsked, CancellationToken cancellationToken)
    {
        var mayAsk = !isAsAsked && step.Parts.Count == 1 && made.Values.All(rows => rows == 0);
        var refusal = error.SqlState is null ? null : error;
        if (mayAsk && refusal is not null && AsTriggersAsk(step, refusal) is { } wanted && await FillAsAskedAsync(step, share, wanted, cancellationToken).ConfigureAwait(false) is { } filled)
        {
            return filled;
        }

        Func<StreamingException, bool> isForTriggers = late => mayAsk && refusal is null && ParentOfTrigger.Of(step, late, _plan.Demands) is not null;
        var (results, last) = await FillOtherwiseAsync(step, model, error, made, isForTriggers, cancellationToken).ConfigureAwait(false);

        // What could not be promised said nothing of the triggers; what the server refused then may.
        return mayAsk && refusal is null && results?.All(table => table.Made == 0) == true && AsTriggersAsk(step, last) is { } late
            ? await FillAsAskedAsync(step, share, late, cancellationToken).ConfigureAwait(false) ?? results
            : results;
    }

    /// <summary>Makes of a table what its triggers seem to ask for; null when they seem to ask for nothing.</summary>
    private Func<TableModel, TableModel>? AsTriggersAsk(FillStep step, StreamingException refusal) =>
        ParentOfTrigger.Of(step, refusal, _plan.Demands) is { } parent ? table => ParentOfTrigger.Replace(_plan.Model.Table(parent), table)
        : step.Tables.Any(table => _plan.Demands.Knows(table.Name)) ? _plan.Demands.Of
        : null;

    /// <summary>Fills tables as their triggers seem to ask.</summary>
    /// <returns>Null when that is not what they want either.</returns>
    private async Task<IReadOnlyList<TableFillResult>?> FillAsAskedAsync(
        FillStep step, long share, Func<TableModel, TableModel> asAsked, CancellationToken cancellationToken) =>
        await FillAsync(step, share, tooSlow: null, asAsked, cancellationToken).ConfigureAwait(false) is { } results && results.All(table => table.Made > 0) ? results : null;

    /// <summary>What a table cannot have is found out by the server.</summary>
    /// <returns>The results, null for several parts; and the last reason why a table has not all rows.</returns>
    private async Task<(IReadOnlyList<TableFillResult>? Results, StreamingException Last)> FillOtherwiseAsync(
        FillStep step, StreamModel model, StreamingException error, Dictionary<string, long> made, Func<StreamingException, bool>? isForOthers, CancellationToken cancellationToken)
    {
        if (step.Parts.Count > 1)
        {
            return (null, error);
        }

        var results = new List<TableFillResult>();
        var last = error;
        foreach (var table in step.Tables)
        {
            if (error.ErrorId == ErrorIds.NoParents && made[table.Name] == 0)
            {
                results.Add(Result(table, FillStatus.LeftOut, 0, error, default));
            }
            else if ((made[table.Name] > 0 && !step.MayBeSlow) || step.IsAtOnce || TimeLimit.IsOver(error))
            {
                results.Add(Result(table, made[table.Name] > 0 ? FillStatus.Partial : FillStatus.Failed, made[table.Name], error, default));
            }
            else
            {
                var sieved = model.Table(table.Name) with { UnreadChecks = table.UnreadChecks };
                (var result, last) = await SieveAsync(model, sieved, error, step.Tables.Count > 1, made[table.Name], isForOthers, cancellationToken).ConfigureAwait(false);
                results.Add(result);
            }
        }

        return (results, last);
    }

    /// <summary>A fault of ours in the values of one table must not cost the others theirs.</summary>
    private static StreamingException Fault(Exception exception) => new(
        ErrorIds.Unexpected,
        StreamingErrorKind.Unexpected,
        $"{exception.GetType().Name} at {exception.StackTrace?.Split('\n', 2)[0].Trim()}: {exception.Message}",
        "This is a bug in StreamingPg; please report it.",
        innerException: exception);

    private async Task<(TableFillResult Result, StreamingException Reason)> SieveAsync(
        StreamModel model, TableModel table, StreamingException first, bool isOneOfSeveral, long already, Func<StreamingException, bool>? isForOthers, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var asked = _plan.Rows[table.Name] - already;
        table = first.SqlState == PostgresErrorCodes.ExclusionViolation ? CandidateTable.WithShortTimes(table, asked) : table;
        TableSieve? sieve = null;
        var (made, reason) = (0L, first);
        try
        {
            sieve = new TableSieve(_connection, model, table, _options, _seed) { Tables = _tables, IsForOthers = isForOthers ?? (_ => false) };
            made = await TimeLimit.RunAsync(_options.TimePerTable, asked, stop => sieve.FillAsync(asked, stop), cancellationToken).ConfigureAwait(false);
        }
        catch (StreamingException error) when (IsOfTable(error))
        {
            // Of tables that were to come together, one alone has no parents; what kept them apart says more.
            reason = error.ErrorId == ErrorIds.NoParents && isOneOfSeveral ? first : error;
            made = sieve?.Made ?? 0;
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
        {
            reason = ServerError.Translate(exception, _connection, $"filling {_connection.Quote(table.Name)}");
            if (!IsOfTable(reason))
            {
                throw reason;
            }
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or StreamingException or OutOfMemoryException))
        {
            reason = Fault(exception);
        }

        // What was tried last says more than what could not be promised before.
        reason = await RightsAdvice.CompleteAsync(TimeLimit.IsOver(reason) ? reason : sieve?.Refusal ?? reason, _connection, model, [ConnectionPurpose.Batch], cancellationToken).ConfigureAwait(false);
        var status = made >= asked ? FillStatus.Filled
            : made + already > 0 ? FillStatus.Partial
            : reason.ErrorId == ErrorIds.NoParents ? FillStatus.LeftOut
            : await HasRowsAsync(table, cancellationToken).ConfigureAwait(false) ? FillStatus.Partial : FillStatus.Failed;
        var result = Result(table, status, made + already, made < asked ? reason : null, Stopwatch.GetElapsedTime(begin));
        return (status == FillStatus.Partial && made + already == 0 && reason.ErrorId == ErrorIds.TooFewParents ? result with
        {
            Reason = $"Its rows are one for one with those that it refers to, and each has its row of \"{table.Name}\" already: a trigger or an earlier run made them.",
            Fix = $"Nothing is missing; to get more rows, request more of {string.Join(" or ", result.Parents.Select(parent => $"\"{parent}\""))}.",
        } : result, reason);
    }

    /// <summary>True for what concerns one table; a server that is gone concerns them all.</summary>
    private static bool IsOfTable(StreamingException error) => TimeLimit.IsOver(error) || error.Kind is not (
        StreamingErrorKind.ConnectionFailed or StreamingErrorKind.AuthenticationFailed or StreamingErrorKind.Timeout);

    private TableFillResult Result(TableModel table, FillStatus status, long made, StreamingException? reason, TimeSpan duration) => new()
    {
        Schema = _connection.Schema,
        Table = table.Name,
        Status = status,
        Requested = _plan.Rows[table.Name],
        Made = made,
        Parents = [.. table.ForeignKeys.Select(key => key.ParentTable).Distinct()],
        Reason = reason?.Problem,
        Fix = reason?.Remedy is { Length: > 0 } fix ? fix : null,
        Duration = duration,
    };

    private async Task<bool> HasRowsAsync(TableModel table, CancellationToken cancellationToken)
    {
        var has = false;
        try
        {
            await using var session = await Session.BeginAsync(_connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
            var commands = new CommandBatch(session.Open);
            commands.Query($"SELECT EXISTS (SELECT FROM {_connection.Quote(table.Name)})", row => has = row.GetBoolean(0));
            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            return has;
        }
        catch (PostgresException)
        {
            return false; // it cannot even be read: why it has no rows is known already
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, _connection, $"reading {_connection.Quote(table.Name)}");
        }
    }

    private async Task MakeLedgerAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await Session.BeginAsync(_connection, SessionKind.Write, cancellationToken).ConfigureAwait(false);
            await SchemaInitializer.LockAsync(session.Open, _connection.Schema, cancellationToken).ConfigureAwait(false);
            var isThere = false;
            var commands = new CommandBatch(session.Open);
            commands.Query("SELECT pg_catalog.to_regclass($1) IS NOT NULL", row => isThere = row.GetBoolean(0), Parameter.Of(_connection.Quote(LedgerTable.Name)));
            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            if (!isThere)
            {
                await SchemaInitializer.ExecuteAsync(session.Open, LedgerTable.CreateSql(_connection.Schema), cancellationToken).ConfigureAwait(false);
            }

            await session.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw await RightsAdvice.CompleteAsync(
                ServerError.Translate(exception, _connection, $"creating {_connection.Quote(LedgerTable.Name)}"),
                _connection,
                new StreamModel([]),
                [ConnectionPurpose.Fill],
                cancellationToken).ConfigureAwait(false);
        }
    }
}
