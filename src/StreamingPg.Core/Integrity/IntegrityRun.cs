using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Integrity;

/// <summary>One run of the wanted checks in the transaction of a session.</summary>
internal sealed class IntegrityRun(
    NpgsqlConnection session, DatabaseConnection connection, StreamModel model, CheckSelection selection, CancellationToken cancellationToken)
{
    /// <summary>The results, table by table; what takes no reading of a table comes first.</summary>
    public async IAsyncEnumerable<IntegrityResult> CheckAsync()
    {
        var live = await GuardAsync("reading the catalog", ReadCatalogAsync).ConfigureAwait(false);
        var partly = await GuardAsync("reading the catalog", ReadPartlyVisibleAsync).ConfigureAwait(false);
        foreach (var table in model.Tables)
        {
            foreach (var result in ConstraintCheck.Results(connection.Schema, table, live[table.Name]).Where(result => selection.Wants(result.Check)))
            {
                yield return result;
            }

            if (table.SequenceColumn is { } column && SequenceCheck.TextOf(table, column) is var sequence && selection.Wants(sequence.Name))
            {
                yield return (await TryAsync(
                    table.Name,
                    [sequence],
                    async () => [await SequenceCheck.CheckAsync(session, connection.Schema, table, column, cancellationToken).ConfigureAwait(false)])
                    .ConfigureAwait(false))[0] with { PartlyVisible = partly.Contains(table.Name) ? [table.Name] : [] };
            }

            bool? hasRows = null;
            foreach (var query in Queries(table, live))
            {
                if (!query.Checks.Any(check => selection.Wants(check.Name)))
                {
                    continue;
                }

                var results = await TryAsync(query.Table, query.Checks, async () =>
                    (hasRows ??= await HasRowsAsync(table).ConfigureAwait(false))
                        ? await AskAsync(query).ConfigureAwait(false)
                        : [.. query.Checks.Select(check => check.NothingToCheck(query.Table))]).ConfigureAwait(false);
                foreach (var result in results.Where(result => selection.Wants(result.Check)))
                {
                    yield return OfVisibleRows(result, query, partly);
                }
            }
        }

        selection.RequireMatch();
    }

    private IEnumerable<IntegrityQuery> Queries(TableModel table, IReadOnlyDictionary<string, LiveTable> live) =>
    [
        .. DuplicateCheck.Queries(connection, table, live[table.Name]),
        .. RowChecks.Queries(connection, model, table, live),
        .. SumChecks.Queries(connection, model, table),
    ];

    /// <summary>What a result says when the role does not see all rows: a parent that it does not see may well be there.</summary>
    private static IntegrityResult OfVisibleRows(IntegrityResult result, IntegrityQuery query, HashSet<string> partly)
    {
        var seen = result with { PartlyVisible = [.. query.AlsoReads.Prepend(query.Table).Distinct().Where(partly.Contains)] };
        return result.Count > 0 && query.MissesRows && query.AlsoReads.Any(partly.Contains)
            ? seen with { Count = 0, SampleKeys = [], Detail = $"{result.Count} visible rows refer to rows that may exist but are hidden: {DisplayText.PartlyVisible(seen.PartlyVisible)}" }
            : seen;
    }

    private async Task<HashSet<string>> ReadPartlyVisibleAsync()
    {
        string[] names = [.. model.Tables.Select(table => table.Name)];
        var tables = await RowSecurity.ReadAsync(session, connection.Schema, names, cancellationToken).ConfigureAwait(false);
        return [.. tables.Select(table => table.Table)];
    }

    private async Task<IReadOnlyDictionary<string, LiveTable>> ReadCatalogAsync()
    {
        var names = model.Tables.Select(table => table.Name).ToArray();
        var live = await CatalogReader.ReadAsync(session, connection.Schema, names, cancellationToken).ConfigureAwait(false);
        foreach (var table in model.Tables)
        {
            RequireColumns(table, live.Tables.GetValueOrDefault(table.Name));
        }

        return live.Tables;
    }

    private void RequireColumns(TableModel table, LiveTable? live)
    {
        if (live is not { IsTable: true })
        {
            throw MissingTable.Error(connection, table.Name);
        }

        if (table.Columns.FirstOrDefault(column => live.Find(column.Name) is null) is { } missing)
        {
            throw new StreamingException(
                ErrorIds.ColumnNotFound,
                StreamingErrorKind.SchemaMismatch,
                $"Table \"{table.Name}\" in schema \"{connection.Schema}\" has no column \"{missing.Name}\", but the metadata does.",
                "Run Initialize-StreamingSchema -WhatIf to see all differences.",
                table.Name);
        }
    }

    /// <summary>Runs one statement; its time is the time of each of its checks, because they share one reading of the table.</summary>
    private async Task<IReadOnlyList<IntegrityResult>> AskAsync(IntegrityQuery query)
    {
        var start = Stopwatch.GetTimestamp();
        var results = new List<IntegrityResult>();
        var commands = new CommandBatch(session) { Timeout = 0 };
        commands.Query(query.Sql, row =>
        {
            var time = Stopwatch.GetElapsedTime(start);
            results.AddRange(query.Checks.Select((text, index) =>
                text.Result(query.Table, row.GetInt64(2 * index), row.GetFieldValue<string[]>((2 * index) + 1), time)));
        });
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return results;
    }

    private async Task<bool> HasRowsAsync(TableModel table)
    {
        await using var command = new NpgsqlCommand($"SELECT EXISTS (SELECT FROM {connection.Quote(table.Name)})", session) { CommandTimeout = 0 };
        return (bool)(await command.ReadValueAsync(cancellationToken).ConfigureAwait(false))!;
    }

    /// <summary>Makes checks; where the server cannot, that is their result, and the others go on.</summary>
    private async Task<IReadOnlyList<IntegrityResult>> TryAsync(
        string table, IReadOnlyList<CheckText> checks, Func<Task<IReadOnlyList<IntegrityResult>>> work)
    {
        const string Before = "before_check";
        var start = Stopwatch.GetTimestamp();
        var operation = $"checking \"{table}\"";
        try
        {
            await GuardAsync(operation, () => ExecuteAsync($"SAVEPOINT {Before}")).ConfigureAwait(false);
            return await work().ConfigureAwait(false);
        }
        catch (PostgresException exception) when (session.FullState == System.Data.ConnectionState.Open)
        {
            var error = ServerError.Translate(exception, connection, operation);
            if (error.Kind == StreamingErrorKind.PermissionDenied)
            {
                throw error; // no row's fault
            }

            await GuardAsync(operation, () => ExecuteAsync($"ROLLBACK TO SAVEPOINT {Before}")).ConfigureAwait(false);
            return [.. checks.Select(check => check.Failed(table, error, Stopwatch.GetElapsedTime(start)))];
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, operation);
        }
    }

    private async Task<int> ExecuteAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return await command.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> GuardAsync<T>(string operation, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, operation);
        }
    }
}

/// <summary>One statement that answers one or more checks of one table.</summary>
/// <param name="Table">The table that is looked at.</param>
/// <param name="Checks">The checks, in the order of the answer.</param>
/// <param name="Sql">Gives one row: for each check the number of offending rows (bigint) and keys of a few of them (text[]).</param>
internal sealed record IntegrityQuery(string Table, IReadOnlyList<CheckText> Checks, string Sql)
{
    /// <summary>Other tables that it reads.</summary>
    public IReadOnlyList<string> AlsoReads { get; init; } = [];

    /// <summary>True when a row that is missing from one of <see cref="AlsoReads"/> makes others offend.</summary>
    public bool MissesRows { get; init; }

    /// <summary>Maximum keys of offending rows that a result shows.</summary>
    public const int SampleSize = 5;
}
