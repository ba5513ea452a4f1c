using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Streaming;
using StreamingPg.Tests.Unit.Streaming;

namespace StreamingPg.Tests.Net8;

/// <summary>
/// A stream of a batch per hour, on a clock that leaps from second to second: 500 hours with a retention of 35. In a process of its own, because it
/// shows how much memory a stream keeps.
/// </summary>
internal static class LongStream
{
    private const string Tables =
        """
        SELECT (SELECT count(*) FROM streaming.users) + (SELECT count(*) FROM streaming.transactions) + (SELECT count(*) FROM streaming.detailed_transactions),
               (SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relname IN ('users', 'transactions', 'detailed_transactions') AND relkind = 'r')
        """;

    /// <summary>Every fifty batches and at the end a line of rows, bytes and memory; then one of batches, rows and rows removed.</summary>
    public static async IAsyncEnumerable<string> RunAsync(DatabaseConnection connection)
    {
        await SchemaInitializer.InitializeAsync(connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        var time = new ManualTime();
        var options = new StreamOptions
        {
            Batch = new BatchOptions { Rows = new Dictionary<string, long> { ["users"] = 10, ["transactions"] = 30, ["detailed_transactions"] = 100 }, EventSpan = TimeSpan.FromHours(1) },

            // Of a wait that ends while it is still being made, .NET may forget to forget the token: with the 86,400 seconds of a day, and this clock's
            // waits that end at once, that was 9 KB for each batch on a machine of fast cores. A timer of the system takes a millisecond at least.
            Interval = TimeSpan.FromHours(1),
            MaxBatches = 500,
            Retention = TimeSpan.FromHours(35),
        };
        var runner = new StreamRunner(
            options,
            time,
            events: null,
            progress: null,
            "a test",
            run => BatchRunner.RunAsync(
                connection,
                MetadataReader.Default,
                options.Batch with { ReferenceTime = time.GetUtcNow().UtcDateTime },
                progress: null,
                run.Events,
                run.StopRetrying,
                run.Cancel),
            StreamRetention.Of(connection, MetadataReader.Default, options, time));
        await foreach (var result in runner.RunAsync(CancellationToken.None))
        {
            // What autovacuum does within a minute; here a minute has a thousand hours.
            if (result.BatchNumber % 10 == 0)
            {
                await using var vacuum = connection.DataSource.CreateCommand("VACUUM");
                await vacuum.ExecuteNonQueryAsync();
            }

            if (result.BatchNumber % 50 == 0)
            {
                yield return await SampleAsync(connection.DataSource);
            }
        }

        yield return await SampleAsync(connection.DataSource);
        yield return $"{runner.Summary.Batches} {runner.Summary.Rows} {runner.Summary.RowsRemoved}";
    }

    private static async Task<string> SampleAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand(Tables);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return $"{reader.GetInt64(0)} {reader.GetInt64(1)} {GC.GetTotalMemory(forceFullCollection: true)}";
    }
}
