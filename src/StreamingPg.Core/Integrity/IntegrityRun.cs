using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Integrity;

/// <summary>One run of the wanted checks: the tables at the same time as far as there are sessions, their results in loading order.</summary>
internal sealed class IntegrityRun : IAsyncDisposable
{
    private readonly CheckSessions _sessions;
    private readonly DatabaseConnection _connection;
    private readonly StreamModel _model;
    private readonly IntegrityOptions _options;
    private readonly CheckSelection _selection;
    private readonly CancellationTokenSource _stop;
    private readonly Dictionary<string, Task<IReadOnlyList<IntegrityResult>>> _tables = new(StringComparer.Ordinal);

    // What a table that failed has left running: its sessions are not free before it ends.
    private readonly List<Task> _running = [];
    private HashSet<string> _partly = [];

    public IntegrityRun(
        CheckSessions sessions, DatabaseConnection connection, StreamModel model, IntegrityOptions options, CancellationToken cancellationToken)
    {
        _sessions = sessions;
        _connection = connection;
        _model = model;
        _options = options;
        _selection = new CheckSelection(options.Checks);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    private CancellationToken Token => _stop.Token;

    /// <summary>The results, table by table; what takes no reading of a table comes first.</summary>
    public async IAsyncEnumerable<IntegrityResult> CheckAsync()
    {
        var plans = await _sessions.UseAsync(open => GuardAsync("reading the catalog", () => PlanAsync(open)), Token).ConfigureAwait(false);
        foreach (var plan in plans)
        {
            _tables.Add(plan.Table.Name, CheckAsync(plan));
        }

        foreach (var plan in plans)
        {
            foreach (var result in await _tables[plan.Table.Name].ConfigureAwait(false))
            {
                yield return result;
            }
        }
    }

    /// <summary>Ends what is still running, so that the sessions are free.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAny(Task.WhenAll(_tables.Values)).ConfigureAwait(false);
        await Task.WhenAny(Task.WhenAll(_running)).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task<IReadOnlyList<TablePlan>> PlanAsync(NpgsqlConnection open)
    {
        var live = await ReadCatalogAsync(open).ConfigureAwait(false);
        string[] names = [.. _model.Tables.Select(table => table.Name)];
        _partly = [.. (await RowSecurity.ReadAsync(open, _connection.Schema, names, Token).ConfigureAwait(false)).Select(table => table.Table)];
        var scope = await CheckScope.ReadAsync(open, _connection, _model, _options.Since, _options.Batches, Token).ConfigureAwait(false);
        var statistics = scope == CheckScope.All ? await KeyStatistics.ReadAsync(open, _connection.Schema, _model, _options.RowsPerRange, Token).ConfigureAwait(false) : null;
        List<TablePlan> plans = [.. _model.Tables.Select(table => Plan(table, live, scope))];
        _selection.RequireMatch();
        return [.. plans.Select(plan => plan with { Passes = TablePass.Of(_connection, _model, plan.Table, live, scope, statistics, _selection.IsWanted) })];
    }

    private TablePlan Plan(TableModel table, IReadOnlyDictionary<string, LiveTable> live, CheckScope scope)
    {
        List<IntegrityResult> known =
            [.. ConstraintCheck.Results(_connection.Schema, _model, table, live[table.Name]).Where(result => _selection.Wants(result.Check))];
        var sequence = table.SequenceColumn is { } column && _selection.Wants(SequenceCheck.TextOf(table, column).Name) ? column : null;
        IntegrityQuery[] queries =
        [
            .. DuplicateCheck.Queries(_connection, table, live[table.Name], scope),
            .. RowChecks.Queries(_connection, _model, table, live, scope),
            .. SumChecks.Queries(_connection, _model, table, live, scope),
        ];
        return new TablePlan(table, known, sequence, [.. queries.Where(query => query.Checks.Select(check => _selection.Wants(check.Name)).ToList().Contains(true))])
        {
            IsOutside = scope.IsEmpty(table) && SumChecks.RulesOf(_model, table).All(rule => scope.IsEmpty(rule.Whole)),
        };
    }

    private async Task<IReadOnlyList<IntegrityResult>> CheckAsync(TablePlan plan)
    {
        var passes = plan.Passes.Select(pass => PassAsync(plan, pass)).ToList();
        var hasRows = plan.Queries.Count == 0 || plan.IsOutside
            ? Task.FromResult<(bool HasRows, StreamingException? Error)>((false, null))
            : TryAsync<(bool HasRows, StreamingException? Error)>(
                plan.Table.Name, async open => (await HasRowsAsync(open, plan.Table).ConfigureAwait(false), null), error => (true, error));
        var sequence = CheckSequenceAsync(plan);
        var queries = plan.Queries.Select(query => CheckAsync(query, hasRows, passes)).ToList();
        lock (_running)
        {
            _running.AddRange([.. passes, hasRows, sequence, .. queries]);
        }

        return [.. plan.Known, .. await sequence.ConfigureAwait(false), .. (await Task.WhenAll(queries).ConfigureAwait(false)).SelectMany(results => results)];
    }

    private async Task<IReadOnlyList<IntegrityResult>> CheckSequenceAsync(TablePlan plan)
    {
        if (plan.Sequence is not { } column)
        {
            return [];
        }

        var table = plan.Table;
        var results = await TryAsync(
            table.Name,
            [SequenceCheck.TextOf(table, column)],
            async open => [await SequenceCheck.CheckAsync(open, _connection.Schema, table, column, Token).ConfigureAwait(false)]).ConfigureAwait(false);
        return [results[0] with { PartlyVisible = _partly.Contains(table.Name) ? [table.Name] : [] }];
    }

    /// <summary>Answers the checks of a query: by what the passes found, else by the query itself.</summary>
    private async Task<IReadOnlyList<IntegrityResult>> CheckAsync(
        IntegrityQuery query, Task<(bool HasRows, StreamingException? Error)> table, IReadOnlyList<Task<PassResult>> passes)
    {
        CheckText[] wanted = [.. query.Checks.Where(check => _selection.IsWanted(check.Name))];
        IReadOnlyList<IntegrityResult> results;
        var (hasRows, unreadable) = await table.ConfigureAwait(false);
        if (unreadable is not null)
        {
            results = [.. wanted.Select(check => check.Failed(query.Table, unreadable, TimeSpan.Zero))];
        }
        else if (!hasRows)
        {
            results = [.. wanted.Select(check => check.NothingToCheck(query.Table))];
        }
        else if (await FindCleanAsync(query, wanted, passes).ConfigureAwait(false) is { } time)
        {
            results = [.. wanted.Select(check => check.Result(query.Table, 0, [], time))];
        }
        else
        {
            results = await TryAsync(query.Table, query.Checks, open => AskAsync(open, query)).ConfigureAwait(false);
        }

        return [.. results.Where(result => _selection.IsWanted(result.Check)).Select(result => OfVisibleRows(result, query, _partly))];
    }

    /// <summary>The time of each check if the passes answer all of them with nothing found; null otherwise.</summary>
    private async Task<TimeSpan?> FindCleanAsync(
        IntegrityQuery query, IReadOnlyList<CheckText> checks, IReadOnlyList<Task<PassResult>> passes)
    {
        var time = TimeSpan.Zero;
        foreach (var check in checks)
        {
            var found = false;
            foreach (var pass in passes)
            {
                var result = await pass.ConfigureAwait(false);
                var answers = (query.Key is null || result.Pass.Key == query.Key) && result.Pass.Checks.Contains(check.Name);
                if (result.IsClean && (answers || await AgreesAsync(result.Pass, check).ConfigureAwait(false)))
                {
                    time = result.Time / result.Pass.Checks.Count;
                    found = true;
                    break;
                }
            }

            if (!found)
            {
                return null;
            }
        }

        return time;
    }

    /// <summary>
    /// True if every row refers to the very row of an ancestor that its parent refers to, and no parent is an orphan there: then no row is.
    /// </summary>
    private async Task<bool> AgreesAsync(TablePass pass, CheckText check)
    {
        foreach (var shared in pass.Agreements.Where(shared => RowChecks.OrphanText(pass.Table, shared.Straight).Name == check.Name))
        {
            var parent = _model.Table(shared.Via.ParentTable);
            var name = RowChecks.OrphanText(parent, shared.ParentKey).Name;
            if (_tables.TryGetValue(parent.Name, out var results)
                && (await results.ConfigureAwait(false)).Any(result => result.Check == name && result is { Count: 0, Error: null }))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Makes a pass. If the server cannot, the queries of its checks say why.</summary>
    private async Task<PassResult> PassAsync(TablePlan plan, TablePass pass)
    {
        var start = Stopwatch.GetTimestamp();
        var clean = await Task.WhenAll(pass.Statements.Select(sql => TryAsync(plan.Table.Name, open => FindsNothingAsync(open, pass, sql), _ => false)))
            .ConfigureAwait(false);
        return new PassResult(pass, clean.All(found => found), Stopwatch.GetElapsedTime(start));
    }

    private async Task<bool> FindsNothingAsync(NpgsqlConnection open, TablePass pass, string sql)
    {
        var found = true;
        var commands = new CommandBatch(open) { Timeout = 0 };
        Run(commands, pass.Settings, sql, row => found = row.GetBoolean(0));
        await commands.ExecuteAsync(Token).ConfigureAwait(false);
        return !found;
    }

    /// <summary>Adds a query with settings of its own.</summary>
    private static void Run(CommandBatch commands, IReadOnlyList<string> settings, string sql, Action<NpgsqlDataReader> readRow)
    {
        foreach (var setting in settings)
        {
            commands.Add($"SET LOCAL {setting}");
        }

        commands.Query(sql, readRow);
        foreach (var setting in settings)
        {
            commands.Add($"SET LOCAL {setting[..setting.IndexOf(' ', StringComparison.Ordinal)]} TO DEFAULT");
        }
    }

    /// <summary>What a result says when the role does not see all rows: a parent that it does not see may well be there.</summary>
    private static IntegrityResult OfVisibleRows(IntegrityResult result, IntegrityQuery query, HashSet<string> partly)
    {
        var seen = result with { PartlyVisible = [.. query.AlsoReads.Prepend(query.Table).Distinct().Where(partly.Contains)] };
        return result.Count > 0 && query.MissesRows && query.AlsoReads.Any(partly.Contains)
            ? seen with { Count = 0, SampleKeys = [], Detail = $"{result.Count} visible rows refer to rows that may exist but are hidden: {DisplayText.PartlyVisible(seen.PartlyVisible)}" }
            : seen;
    }

    private async Task<IReadOnlyDictionary<string, LiveTable>> ReadCatalogAsync(NpgsqlConnection open)
    {
        var names = _model.Tables.Select(table => table.Name).ToArray();
        var live = await CatalogReader.ReadAsync(open, _connection.Schema, names, Token).ConfigureAwait(false);
        foreach (var table in _model.Tables)
        {
            RequireColumns(table, live.Tables.GetValueOrDefault(table.Name));
        }

        return live.Tables;
    }

    private void RequireColumns(TableModel table, LiveTable? live)
    {
        if (live is not { IsTable: true })
        {
            throw MissingTable.Error(_connection, table.Name);
        }

        if (table.Columns.FirstOrDefault(column => live.Find(column.Name) is null) is { } missing)
        {
            throw new StreamingException(
                ErrorIds.ColumnNotFound,
                StreamingErrorKind.SchemaMismatch,
                $"Table \"{table.Name}\" in schema \"{_connection.Schema}\" has no column \"{missing.Name}\", but the metadata does.",
                "Run Initialize-StreamingSchema -WhatIf to see all differences.",
                table.Name);
        }
    }

    /// <summary>Runs one statement; its time is the time of each of its checks, because they share one reading of the table.</summary>
    private async Task<IReadOnlyList<IntegrityResult>> AskAsync(NpgsqlConnection open, IntegrityQuery query)
    {
        var start = Stopwatch.GetTimestamp();
        var results = new List<IntegrityResult>();
        var commands = new CommandBatch(open) { Timeout = 0 };
        Run(commands, query.Settings, query.Sql, row =>
        {
            var time = Stopwatch.GetElapsedTime(start);
            results.AddRange(query.Checks.Select((text, index) =>
                text.Result(query.Table, row.GetInt64(2 * index), row.GetFieldValue<string[]>((2 * index) + 1), time)));
        });
        await commands.ExecuteAsync(Token).ConfigureAwait(false);
        return results;
    }

    private async Task<bool> HasRowsAsync(NpgsqlConnection open, TableModel table)
    {
        await using var command = new NpgsqlCommand($"SELECT EXISTS (SELECT 1 FROM {_connection.Quote(table.Name)})", open) { CommandTimeout = 0 };
        return (bool)(await command.ReadValueAsync(Token).ConfigureAwait(false))!;
    }

    private Task<IReadOnlyList<IntegrityResult>> TryAsync(
        string table, IReadOnlyList<CheckText> checks, Func<NpgsqlConnection, Task<IReadOnlyList<IntegrityResult>>> work)
    {
        var start = Stopwatch.GetTimestamp();
        return TryAsync(table, work, error => [.. checks.Select(check => check.Failed(table, error, Stopwatch.GetElapsedTime(start)))]);
    }

    /// <summary>Runs work on a session; where the server cannot, that gives a result too, and the others go on.</summary>
    private Task<T> TryAsync<T>(string table, Func<NpgsqlConnection, Task<T>> work, Func<StreamingException, T> failed) => _sessions.UseAsync(
        async open =>
        {
            const string Before = "before_check";
            var operation = $"checking \"{table}\"";
            try
            {
                await GuardAsync(operation, () => ExecuteAsync(open, $"SAVEPOINT {Before}")).ConfigureAwait(false);
                return await work(open).ConfigureAwait(false);
            }
            catch (PostgresException exception) when (open.FullState == System.Data.ConnectionState.Open)
            {
                // Others go on with the session.
                await GuardAsync(operation, () => ExecuteAsync(open, $"ROLLBACK TO SAVEPOINT {Before}")).ConfigureAwait(false);
                var error = ServerError.Translate(exception, _connection, operation);
                return error.Kind == StreamingErrorKind.PermissionDenied ? throw error : failed(error); // a missing right is no row's fault
            }
            catch (NpgsqlException exception)
            {
                throw ServerError.Translate(exception, _connection, operation);
            }
        },
        Token);

    private async Task<int> ExecuteAsync(NpgsqlConnection open, string sql)
    {
        await using var command = new NpgsqlCommand(sql, open);
        return await command.ExecuteAsync(Token).ConfigureAwait(false);
    }

    private async Task<T> GuardAsync<T>(string operation, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, _connection, operation);
        }
    }
}

/// <summary>One statement that answers one or more checks of one table.</summary>
/// <param name="Table">The table that is looked at.</param>
/// <param name="Checks">The checks, in the order of the answer.</param>
/// <param name="Sql">Gives one row: for each check the number of offending rows (bigint) and keys of a few of them (text[]).</param>
internal sealed record IntegrityQuery(string Table, IReadOnlyList<CheckText> Checks, string Sql)
{
    /// <summary>The foreign key that it goes along; null for what a row alone tells.</summary>
    public ForeignKeyModel? Key { get; init; }

    /// <summary>Other tables that it reads.</summary>
    public IReadOnlyList<string> AlsoReads { get; init; } = [];

    /// <summary>True when a row that is missing from one of <see cref="AlsoReads"/> makes others offend.</summary>
    public bool MissesRows { get; init; }

    /// <summary>Settings for it alone, such as <c>jit = off</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Maximum keys of offending rows that a result shows.</summary>
    public const int SampleSize = 5;
}

/// <summary>What is to be checked of a table.</summary>
/// <param name="Table">The table.</param>
/// <param name="Known">Results that take no query.</param>
/// <param name="Sequence">The column whose sequence is checked; null for none.</param>
/// <param name="Queries">The queries that count and name offending rows.</param>
internal sealed record TablePlan(TableModel Table, IReadOnlyList<IntegrityResult> Known, ColumnModel? Sequence, IReadOnlyList<IntegrityQuery> Queries)
{
    /// <summary>What spares most of the queries where nothing offends.</summary>
    public IReadOnlyList<TablePass> Passes { get; init; } = [];

    /// <summary>True if none of the table's rows is to be checked.</summary>
    public bool IsOutside { get; init; }
}

/// <summary>What a pass found.</summary>
/// <param name="Pass">The pass.</param>
/// <param name="IsClean">True if nothing offends any of its checks.</param>
/// <param name="Time">How long it took.</param>
internal readonly record struct PassResult(TablePass Pass, bool IsClean, TimeSpan Time);
