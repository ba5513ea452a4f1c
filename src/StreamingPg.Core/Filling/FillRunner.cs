using System.Diagnostics;
using System.Runtime.CompilerServices;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Discovery;
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
        var seed = GenerationSettings.From(options.Seed, options.ReferenceTime, TimeProvider.System).Seed;
        var runners = new List<FillRunner>();
        foreach (var schema in schemas)
        {
            var scoped = once.WithSchema(schema);
            var found = await SchemaDiscovery.ReadAsync(
                scoped, new DiscoveryOptions { Tables = options.Tables, MayBeEmpty = true }, cancellationToken).ConfigureAwait(false);
            runners.Add(new FillRunner(scoped, options, FillPlan.Make(schema, found, options, seed), seed));
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

        foreach (var runner in runners)
        {
            await foreach (var table in runner.RunAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return table;
                if (table.Status == FillStatus.Failed && options.OnTableError == TableErrorAction.Stop)
                {
                    yield break;
                }
            }
        }
    }

    private async IAsyncEnumerable<TableFillResult> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!_options.PlanOnly && _plan.Groups.Count > 0)
        {
            await MakeLedgerAsync(cancellationToken).ConfigureAwait(false);
        }

        foreach (var group in _plan.Groups)
        {
            foreach (var table in _options.PlanOnly ? [.. group.Select(Planned)] : await FillAsync(group, cancellationToken).ConfigureAwait(false))
            {
                yield return table;
            }
        }
    }

    private static StreamingException Unfillable(DatabaseConnection connection, List<TableFillResult> tables) => new(
        ErrorIds.TablesNotFillable,
        StreamingErrorKind.SchemaMismatch,
        $"{tables.Count} tables in {connection} cannot be filled. "
        + string.Join(" ", tables.Select(table => $"\"{table.Table}\": {table.Reason} {table.Fix}".TrimEnd())),
        "Use -OnUnfillable Skip (--on-unfillable skip) to fill the others.",
        connection.Schema);

    private TableFillResult Planned(TableModel table) => Result(table, FillStatus.Planned, 0, null, default);

    private async Task<IReadOnlyList<TableFillResult>> FillAsync(IReadOnlyList<TableModel> group, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var whole = _plan.ModelOf(group);
        var rows = group.Where(table => _plan.Rows[table.Name] > 0).ToDictionary(table => table.Name, table => _plan.Rows[table.Name], StringComparer.Ordinal);
        var model = whole;
        IReadOnlyList<TableCount> made = [];
        try
        {
            if (rows.Count > 0)
            {
                model = await OutsideParents.ReadAsync(_connection, whole, rows.ContainsKey, cancellationToken).ConfigureAwait(false);
                var options = new BatchOptions
                {
                    Rows = rows,
                    Seed = _seed,
                    ReferenceTime = _options.ReferenceTime,
                    Locale = _options.Locale,
                    MaxRetry = 0,
                };
                made = (await BatchRunner.RunAsync(_connection, model, options, progress: null, cancellationToken).ConfigureAwait(false)).Tables;
            }

            return
            [
                .. group.Select(table => Result(
                    table,
                    FillStatus.Filled,
                    made.FirstOrDefault(count => count.Table == table.Name)?.Rows ?? 0,
                    null,
                    Stopwatch.GetElapsedTime(begin))),
            ];
        }
        catch (StreamingException error) when (error.ErrorId == ErrorIds.NoParents)
        {
            return [.. group.Select(table => Result(table, FillStatus.LeftOut, 0, error, Stopwatch.GetElapsedTime(begin)))];
        }
        catch (StreamingException error) when (IsOfTable(error))
        {
            var results = new List<TableFillResult>();
            foreach (var table in group)
            {
                results.Add(await SieveAsync(model, model.Table(table.Name), error, cancellationToken).ConfigureAwait(false));
            }

            return results;
        }
    }

    private async Task<TableFillResult> SieveAsync(StreamModel model, TableModel table, StreamingException first, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var asked = _plan.Rows[table.Name];
        var sieve = new TableSieve(_connection, model, table, _options, _seed);
        var (made, reason) = (0L, first);
        try
        {
            made = await sieve.FillAsync(asked, cancellationToken).ConfigureAwait(false);
        }
        catch (StreamingException error) when (IsOfTable(error))
        {
            reason = error;
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
        {
            throw ServerError.Translate(exception, _connection, $"filling {_connection.Quote(table.Name)}");
        }

        // What was tried last says more than what could not be promised before.
        reason = sieve.Refusal ?? reason;
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
