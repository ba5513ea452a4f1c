using StreamingPg.Core.Connections;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Soak;

/// <summary>Compares, to the row, what the writers reported with the ledger, and the ledger with the tables.</summary>
internal static class Comparison
{
    private const string LoadedSql = "SELECT batch_id, (SELECT sum(value::bigint)::bigint FROM jsonb_each_text(rows)) FROM streaming.batch_ledger WHERE kind = 'batch'";

    /// <summary>Writes the figures; true when everything agrees.</summary>
    /// <param name="connection">The server.</param>
    /// <param name="writers">The writers, which have ended.</param>
    /// <param name="mayBeUnreported">Most batches that may have been committed without anybody's hearing of it; null for any number.</param>
    public static async Task<bool> WriteAsync(DatabaseConnection connection, Writer[] writers, int? mayBeUnreported)
    {
        var ledger = new Dictionary<Guid, long>();
        var tables = new List<(string Name, long Difference, long Removed)>();
        await using (var open = await connection.OpenAsync(CancellationToken.None))
        {
            await using var read = new Npgsql.NpgsqlCommand(LoadedSql, open);
            await using (var reader = await read.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync())
                {
                    ledger.Add(reader.GetGuid(0), reader.GetInt64(1));
                }
            }

            foreach (var table in MetadataReader.Default.Tables)
            {
                var rows = $"COALESCE(sum((rows->>'{table.Name}')::bigint)";
                await using var count = new Npgsql.NpgsqlCommand(
                    $"""
                    SELECT (SELECT count(*) FROM {connection.Quote(table.Name)}),
                           (SELECT {rows} FILTER (WHERE kind NOT LIKE 'removal%'), 0)::bigint FROM streaming.batch_ledger),
                           (SELECT {rows} FILTER (WHERE kind LIKE 'removal%'), 0)::bigint FROM streaming.batch_ledger)
                    """,
                    open);
                await using var reader = await count.ExecuteReaderAsync();
                await reader.ReadAsync();
                var (there, loaded, removed) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
                tables.Add((table.Name, there - loaded + removed, removed));
            }
        }

        var reported = writers.SelectMany(writer => writer.Reported).ToList();
        var lost = reported.Where(batch => ledger.GetValueOrDefault(batch.Key) != batch.Value).ToList();
        var twice = writers.Sum(writer => writer.ReportedTwice);
        var unreported = ledger.Count - reported.Count(batch => ledger.ContainsKey(batch.Key));
        var violations = new List<string>();
        await foreach (var check in IntegrityChecker.CheckAsync(connection, MetadataReader.Default, CancellationToken.None))
        {
            if (check.Status >= IntegrityStatus.Broken)
            {
                violations.Add($"{check.Check} {check.Table} {check.Count}");
            }
        }

        var failures = writers.SelectMany(writer => writer.Failures).GroupBy(failure => failure.Key, failure => failure.Value)
            .Select(failure => $"{failure.Key} {failure.Sum()}");
        var agrees = lost.Count == 0 && twice == 0 && violations.Count == 0 && (mayBeUnreported is null || unreported <= mayBeUnreported)
            && tables.TrueForAll(table => table.Difference == 0);
        Console.WriteLine($"""
            writers that ended by themselves, by error: {(failures.Any() ? string.Join(", ", failures) : "none")}
            batches in the ledger                    : {ledger.Count}
            rows loaded, by the ledger               : {ledger.Values.Sum()}
            batches reported                         : {reported.Count}
            committed, writer gone before it told    : {unreported}
            rows removed as old, by the ledger       : {tables.Sum(table => table.Removed)}
            retries of reported batches              : {writers.Sum(writer => writer.Retries)}
            batches reported and lost                : {lost.Count} ({lost.Sum(batch => batch.Value)} rows)
            batches reported twice                   : {twice}
            rows in tables minus rows in the ledger  : {string.Join(", ", tables.Select(table => $"{table.Name} {table.Difference}"))}
            integrity checks that failed             : {(violations.Count == 0 ? "0" : string.Join(", ", violations))}
            """);
        return agrees;
    }
}
