using StreamingPg.Core.Connections;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>Loads batches of the default tables, and proves what every fault must leave behind.</summary>
internal static class BatchHelper
{
    public static BatchOptions Small { get; } = Of(10, 30, 100);

    /// <summary>Large enough for COPY.</summary>
    public static BatchOptions Large { get; } = Of(1000, 3000, 10_000);

    public static BatchOptions Of(long users, long transactions, long details) => new()
    {
        Rows = new Dictionary<string, long>
        {
            ["users"] = users, ["transactions"] = transactions, ["detailed_transactions"] = details,
        },
    };

    public static Task<BatchResult> LoadAsync(DatabaseConnection connection, BatchOptions options, IProgress<BatchEvent>? events = null) =>
        BatchRunner.RunAsync(connection, MetadataReader.Default, options, null, events, CancellationToken.None, CancellationToken.None);

    /// <summary>The rows in the tables are exactly those that the ledger says were added and not removed, and integrity is clean.</summary>
    public static async Task AssertSoundAsync(DatabaseConnection connection)
    {
        foreach (var table in MetadataReader.Default.Tables)
        {
            var there = await ScalarAsync(connection, $"SELECT count(*) FROM {connection.Quote(table.Name)}");
            var listed = await ScalarAsync(
                connection,
                $"""
                SELECT COALESCE(sum((rows->>'{table.Name}')::bigint * CASE WHEN kind LIKE 'removal%' THEN -1 ELSE 1 END), 0)::bigint
                FROM {connection.Quote(LedgerTable.Name)}
                """);
            Assert.Equal((table.Name, listed), (table.Name, there));
        }

        await foreach (var check in IntegrityChecker.CheckAsync(connection, MetadataReader.Default, CancellationToken.None))
        {
            Assert.True(check.Status < IntegrityStatus.Broken, $"{check.Check} {check.Table}: {check.Count} {check.Detail}");
        }
    }

    public static async Task<long> ScalarAsync(DatabaseConnection connection, string sql)
    {
        await using var open = await connection.OpenAsync(CancellationToken.None);
        await using var command = new Npgsql.NpgsqlCommand(sql, open);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
