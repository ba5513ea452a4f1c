using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Integrity;

/// <summary>One run of all checks in the transaction of a session.</summary>
internal sealed class IntegrityRun(
    NpgsqlConnection session, DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
{
    /// <summary>The results, table by table.</summary>
    public async IAsyncEnumerable<IntegrityResult> CheckAsync()
    {
        var keys = await GuardAsync("reading the catalog", () => LiveKeys.ReadAsync(session, connection, model, cancellationToken)).ConfigureAwait(false);
        foreach (var table in model.Tables)
        {
            foreach (var result in ConstraintCheck.Results(table, keys))
            {
                yield return result;
            }

            foreach (var (columns, text) in DuplicateCheck.For(table))
            {
                if (keys.IsUnique(table.Name, columns))
                {
                    yield return Result(table.Name, text with { Detail = DuplicateCheck.KeptByIndex }, 0, [], TimeSpan.Zero);
                    continue;
                }

                foreach (var result in await AskAsync(DuplicateCheck.Query(connection, table, columns, text)).ConfigureAwait(false))
                {
                    yield return result;
                }
            }

            if (table.SequenceColumn is { } column)
            {
                yield return await CheckSequenceAsync(table, column).ConfigureAwait(false);
            }

            foreach (var query in (IEnumerable<IntegrityQuery>)
                [RowChecks.Query(connection, model, table, keys), .. ShopRules.AmountOfLines(connection, model, table)])
            {
                foreach (var result in await AskAsync(query).ConfigureAwait(false))
                {
                    yield return result;
                }
            }
        }
    }

    private async Task<IntegrityResult> CheckSequenceAsync(TableModel table, ColumnModel column)
    {
        var sequence = await GuardAsync(
            $"finding the sequence of \"{table.Name}\"",
            () => SequenceCheck.FindSequenceAsync(session, connection, table, column, cancellationToken)).ConfigureAwait(false);
        if (sequence is null)
        {
            return Result(table.Name, SequenceCheck.Text(table, column) with { Detail = SequenceCheck.NoSequence }, 1, [], TimeSpan.Zero);
        }

        var results = await AskAsync(SequenceCheck.Query(connection, table, column, sequence)).ConfigureAwait(false);
        return results[0];
    }

    /// <summary>Runs one statement; its time is the time of each of its checks, because they are one reading of the table.</summary>
    private Task<IReadOnlyList<IntegrityResult>> AskAsync(IntegrityQuery query) => GuardAsync<IReadOnlyList<IntegrityResult>>(
        $"checking \"{query.Table}\"",
        async () =>
        {
            var start = Stopwatch.GetTimestamp();
            var command = new NpgsqlCommand(query.Sql, session) { CommandTimeout = 0 };
            await using (command.ConfigureAwait(false))
            {
                var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                    var time = Stopwatch.GetElapsedTime(start);
                    return [.. query.Checks.Select((text, index) =>
                        Result(query.Table, text, reader.GetInt64(2 * index), Samples(reader, (2 * index) + 1), time))];
                }
            }
        });

    private static string[] Samples(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? [] : reader.GetFieldValue<string[]>(column);

    private static IntegrityResult Result(string table, CheckText text, long count, string[] samples, TimeSpan time) => new()
    {
        Check = text.Name,
        Table = table,
        Count = count,
        Severity = text.Severity,
        SampleKeys = samples,
        Detail = text.Detail,
        Duration = time,
    };

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
