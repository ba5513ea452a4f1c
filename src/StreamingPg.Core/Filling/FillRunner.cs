using System.Diagnostics;
using System.Runtime.CompilerServices;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Loading.References;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Filling;

/// <summary>
/// Fills the tables of a live database without metadata: reads them, plans, and fills each in a transaction of its own, parents first.
/// What cannot be filled is named and left out, together with what must refer to it; the others are filled.
/// </summary>
/// <remarks>
/// A table is filled by a batch like any other. Where that cannot keep a constraint of the table, or finds too few rows, the table is
/// filled through <see cref="TableSieve"/>: the server itself says which rows may stay.
/// </remarks>
internal sealed class FillRunner
{
    private readonly DatabaseConnection _connection;
    private readonly FillOptions _options;
    private readonly FillPlan _plan;
    private readonly long _seed;
    private bool _hasLedger;

    private FillRunner(DatabaseConnection connection, FillOptions options, FillPlan plan, long seed)
    {
        _connection = connection;
        _options = options;
        _plan = plan;
        _seed = seed;
    }

    /// <summary>Fills schemas; tells of each table when it is done, and first of those that are left out.</summary>
    /// <param name="connection">The database and the schema, or several.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Cancels; the tables that are done stay filled.</param>
    /// <exception cref="StreamingException">Something is left out where that is not wanted, or the connection failed.</exception>
    public static async IAsyncEnumerable<TableFillResult> RunAsync(
        DatabaseConnection connection, FillOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        ValuePools.Prepare(options.Locale);
        await using var once = connection.WithoutPreparing();
        var schemas = await FillSchemas.FindAsync(once, options.AllSchemas, cancellationToken).ConfigureAwait(false);
        if (schemas.Count > 1 && options.Rows.Count > 0)
        {
            throw new StreamingException(
                ErrorIds.OptionOutOfRange,
                StreamingErrorKind.InvalidInput,
                "Rows of single tables were requested for several schemas.",
                "Use -RowsPerTable (--rows-per-table), or name one schema.");
        }

        // All problems of all schemas are known before the first row is made.
        var settings = GenerationSettings.From(options.Seed, options.ReferenceTime, TimeProvider.System);
        var seed = settings.Seed;
        options = options.Seed is null ? options with { ReferenceTime = settings.ReferenceTime } : options; // one time for all tables
        var runners = new List<FillRunner>();
        foreach (var schema in schemas)
        {
            var scoped = once.WithSchema(schema);
            runners.Add(new FillRunner(scoped, options, await FillPlan.ReadAsync(scoped, options, seed, cancellationToken).ConfigureAwait(false), seed));
        }

        List<TableFillResult> leftOut = [.. runners.SelectMany(runner => runner._plan.LeftOut)];
        if (options.OnUnfillable == UnfillableAction.Stop && leftOut.Count > 0)
        {
            throw Unfillable(connection, leftOut);
        }

        foreach (var table in leftOut)
        {
            yield return table;
        }

        foreach (var step in FillStep.Together(FillOrder.Of([.. runners.Select(runner => runner._plan)])))
        {
            foreach (var table in await runners.Find(runner => ReferenceEquals(runner._plan, step.Plan))!.RunAsync(step, cancellationToken).ConfigureAwait(false))
            {
                yield return table;
                if (table.Status == FillStatus.Failed && options.OnTableError == TableErrorAction.Stop)
                {
                    yield break;
                }
            }
        }
    }

    private async Task<IReadOnlyList<TableFillResult>> RunAsync(FillStep step, CancellationToken cancellationToken)
    {
        if (_options.PlanOnly)
        {
            return [.. step.Tables.Select(Planned)];
        }

        if (!_hasLedger)
        {
            await MakeLedgerAsync(cancellationToken).ConfigureAwait(false);
            _hasLedger = true;
        }

        return await FillAsync(step, cancellationToken).ConfigureAwait(false);
    }

    private static StreamingException Unfillable(DatabaseConnection connection, List<TableFillResult> tables) => new(
        ErrorIds.TablesNotFillable,
        StreamingErrorKind.SchemaMismatch,
        $"{tables.Count} tables in {connection} cannot be filled. "
        + string.Join(" ", tables.Select(table => $"\"{table.Table}\": {table.Reason} {table.Fix}".TrimEnd())),
        "Use -OnUnfillable Skip (--on-unfillable skip) to fill the others.",
        connection.Schema);

    private TableFillResult Planned(TableModel table) => Result(table, FillStatus.Planned, 0, null, default);

    private async Task<IReadOnlyList<TableFillResult>> FillAsync(FillStep step, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var group = step.Tables;
        var model = _plan.ModelOf(group);
        var made = group.ToDictionary(table => table.Name, _ => 0L, StringComparer.Ordinal);
        try
        {
            model = await OutsideParents.ReadAsync(_connection, model, made.ContainsKey, cancellationToken).ConfigureAwait(false);
            foreach (var rows in step.Portions())
            {
                foreach (var count in (await LoadAsync(model, rows, step.IsAtOnce, cancellationToken).ConfigureAwait(false)).Where(count => made.ContainsKey(count.Table)))
                {
                    made[count.Table] += count.Rows;
                }
            }

            return [.. group.Select(table => Result(table, FillStatus.Filled, made[table.Name], null, Stopwatch.GetElapsedTime(begin)))];
        }
        catch (StreamingException error) when (IsOfTable(error))
        {
            return await FillOtherwiseAsync(step, model, error, made, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or StreamingException or OutOfMemoryException))
        {
            return await FillOtherwiseAsync(step, model, Fault(exception), made, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            TargetTables.Forget(_connection, model); // nobody comes back to them
        }
    }

    private async Task<IReadOnlyList<TableCount>> LoadAsync(
        StreamModel model, IReadOnlyDictionary<string, long> rows, bool atOnce, CancellationToken cancellationToken)
    {
        var options = new BatchOptions
        {
            Rows = rows,
            Seed = _seed,
            ReferenceTime = _options.ReferenceTime,
            Locale = _options.Locale,
            RetriesConflicts = false, // a retry makes the same rows
            AtOnce = atOnce,
            ForeignKeyCheck = atOnce ? ForeignKeyCheck.Row : ForeignKeyCheck.Auto,
        };
        return (await BatchRunner.RunAsync(_connection, model, options, progress: null, cancellationToken).ConfigureAwait(false)).Tables;
    }

    /// <summary>What several tables could not have together, each may have by itself; what one cannot have is found out by the server.</summary>
    private async Task<IReadOnlyList<TableFillResult>> FillOtherwiseAsync(
        FillStep step, StreamModel model, StreamingException error, Dictionary<string, long> made, CancellationToken cancellationToken)
    {
        var results = new List<TableFillResult>();
        if (step.Parts.Count > 1)
        {
            foreach (var part in step.Parts)
            {
                results.AddRange(await FillAsync(step with { Parts = [part] }, cancellationToken).ConfigureAwait(false));
            }

            return results;
        }

        foreach (var table in step.Tables)
        {
            results.Add(error.ErrorId == ErrorIds.NoParents ? Result(table, FillStatus.LeftOut, 0, error, default)
                : made[table.Name] > 0 || step.IsAtOnce ? Result(table, made[table.Name] > 0 ? FillStatus.Partial : FillStatus.Failed, made[table.Name], error, default)
                : await SieveAsync(model, model.Table(table.Name), error, cancellationToken).ConfigureAwait(false));
        }

        return results;
    }

    /// <summary>A fault of ours in the values of one table must not cost the others theirs.</summary>
    private static StreamingException Fault(Exception exception) => new(
        ErrorIds.Unexpected,
        StreamingErrorKind.Unexpected,
        $"{exception.GetType().Name} at {exception.StackTrace?.Split('\n', 2)[0].Trim()}: {exception.Message}",
        "This is a bug in StreamingPg; please report it.",
        innerException: exception);

    private async Task<TableFillResult> SieveAsync(StreamModel model, TableModel table, StreamingException first, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var asked = _plan.Rows[table.Name];
        TableSieve? sieve = null;
        var (made, reason) = (0L, first);
        try
        {
            sieve = new TableSieve(_connection, model, table, _options, _seed);
            made = await sieve.FillAsync(asked, cancellationToken).ConfigureAwait(false);
        }
        catch (StreamingException error) when (IsOfTable(error))
        {
            reason = error;
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
        reason = sieve?.Refusal ?? reason;
        var status = made >= asked ? FillStatus.Filled
            : made > 0 ? FillStatus.Partial
            : reason.ErrorId == ErrorIds.NoParents ? FillStatus.LeftOut
            : await HasRowsAsync(table, cancellationToken).ConfigureAwait(false) ? FillStatus.Partial : FillStatus.Failed;
        return Result(table, status, made, made < asked ? reason : null, Stopwatch.GetElapsedTime(begin));
    }

    /// <summary>True for what concerns one table; a server that is gone concerns them all.</summary>
    private static bool IsOfTable(StreamingException error) => error.Kind is not (
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
        await using var session = await Session.BeginAsync(_connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
        var commands = new CommandBatch(session.Open);
        commands.Query($"SELECT EXISTS (SELECT FROM {_connection.Quote(table.Name)})", row => has = row.GetBoolean(0));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return has;
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
            throw ServerError.Translate(exception, _connection, $"creating {_connection.Quote(LedgerTable.Name)}");
        }
    }
}
