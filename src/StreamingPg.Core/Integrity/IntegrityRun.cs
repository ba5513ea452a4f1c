using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;

namespace StreamingPg.Core.Integrity;

/// <summary>One run of the wanted checks in the transaction of a session.</summary>
internal sealed class IntegrityRun(
    NpgsqlConnection session, DatabaseConnection connection, StreamModel model, CheckSelection selection, CancellationToken cancellationToken)
{
    /// <summary>The results, table by table; what takes no reading of a table comes first.</summary>
    public async IAsyncEnumerable<IntegrityResult> CheckAsync()
    {
        var live = await GuardAsync("reading the catalog", ReadCatalogAsync).ConfigureAwait(false);
        foreach (var table in model.Tables)
        {
            foreach (var result in ConstraintCheck.Results(connection.Schema, table, live[table.Name]).Where(result => selection.Wants(result.Check)))
            {
                yield return result;
            }

            if (table.SequenceColumn is { } column && selection.Wants(SequenceCheck.NameOf(table, column)))
            {
                yield return await GuardAsync(
                    $"checking the sequence of \"{table.Name}\"",
                    () => SequenceCheck.CheckAsync(session, connection.Schema, table, column, cancellationToken)).ConfigureAwait(false);
            }

            foreach (var query in Queries(table, live))
            {
                var wanted = query.Checks.Where(check => selection.Wants(check.Name)).Select(check => check.Name).ToHashSet();
                if (wanted.Count == 0)
                {
                    continue;
                }

                var results = await GuardAsync($"checking \"{table.Name}\"", () => AskAsync(query)).ConfigureAwait(false);
                foreach (var result in results.Where(result => wanted.Contains(result.Check)))
                {
                    yield return result;
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

        if (table.Columns.FirstOrDefault(column => live.Columns.All(there => there.Name != column.Name)) is { } missing)
        {
            throw new StreamingException(
                "ColumnNotFound",
                StreamingErrorKind.SchemaMismatch,
                $"Table \"{table.Name}\" in schema \"{connection.Schema}\" has no column \"{missing.Name}\", which the metadata names.",
                "Run Initialize-StreamingSchema -WhatIf to see all differences.",
                table.Name);
        }
    }

    /// <summary>Runs one statement; its time is the time of each of its checks, because they share one reading of the table.</summary>
    private async Task<IReadOnlyList<IntegrityResult>> AskAsync(IntegrityQuery query)
    {
        var start = Stopwatch.GetTimestamp();
        await using var command = new NpgsqlCommand(query.Sql, session) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var time = Stopwatch.GetElapsedTime(start);
        return [.. query.Checks.Select((text, index) =>
            text.Result(query.Table, reader.GetInt64(2 * index), reader.GetFieldValue<string[]>((2 * index) + 1), time))];
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
