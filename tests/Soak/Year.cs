using System.Diagnostics;
using System.Globalization;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Retention;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Server;

namespace StreamingPg.Soak;

/// <summary>
/// A year of daily batches with retention, as fast as they go: what must stay level is how long a batch and retention take, how large tables
/// and ledger are, and the memory of the process. The clock of the data is turned forward, and that of the ledger with it.
/// </summary>
internal static class Year
{
    private static readonly DateTime First = new(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Runs it, and writes a line for every tenth of it.</summary>
    /// <param name="days">Days.</param>
    /// <param name="rows">Rows of a day.</param>
    /// <param name="keep">Days that rows are kept.</param>
    /// <param name="partitionBy">The time that a partition holds; null for tables without partitions.</param>
    /// <returns>0 if the last tenth is level with those before it and all is sound.</returns>
    public static async Task<int> RunAsync(int days, long rows, int keep, PartitionInterval? partitionBy)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"streamingpg-year-{Environment.ProcessId}");
        var server = new PrivateServer(folder, new PrivateServerOptions
        {
            // A day lasts a second: vacuum has to come round as often.
            Settings = new Dictionary<string, string> { ["autovacuum_naptime"] = "1s", ["autovacuum_vacuum_cost_delay"] = "0" },
        });
        try
        {
            await server.StartAsync(CancellationToken.None);
            await using var connection = new DatabaseConnection(server.GetConnectionSettings()!, SettingsResolver.DefaultSchema, ConnectionSource.PrivateServer);
            await SchemaInitializer.InitializeAsync(
                connection, MetadataReader.Default, new LayoutOptions { PartitionBy = partitionBy }, publication: null, planOnly: false, CancellationToken.None);
            var spans = new List<Span>();
            var span = new Span();
            var total = Stopwatch.StartNew();
            Console.WriteLine("day,batch_ms,retention_ms,rows,table_mib,partitions,ledger_rows,memory_mib");
            for (var day = 1; day <= days; day++)
            {
                await DayAsync(connection, First.AddDays(day), rows, keep, span);
                if (day % Math.Max(1, days / 10) == 0)
                {
                    await span.MeasureAsync(connection);
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{day},{span.Batch:0},{span.Retention:0},{span.Rows},{span.TableMib:0},{span.Partitions},{span.LedgerRows},{span.MemoryMib:0}"));
                    spans.Add(span);
                    span = new Span();
                }
            }

            var broken = await IntegrityChecker.CheckAsync(connection, MetadataReader.Default, CancellationToken.None)
                .CountAsync(result => result is { Status: IntegrityStatus.Broken, Severity: IntegritySeverity.Error });
            Console.WriteLine($"{days} days in {DisplayText.Duration(total.Elapsed)}, {DisplayText.Count(rows * days)} rows loaded, {broken} integrity checks broken");
            var isLevel = IsLevel(spans);
            Console.WriteLine($"result: {(isLevel && broken == 0 ? "level" : "NOT LEVEL OR NOT SOUND")}");
            return isLevel && broken == 0 ? 0 : 1;
        }
        finally
        {
            await server.DestroyAsync(CancellationToken.None);
        }
    }

    private static async Task DayAsync(DatabaseConnection connection, DateTime day, long rows, int keep, Span span)
    {
        var options = new BatchOptions
        {
            ReferenceTime = day,
            EventTime = EventTime.Spread,
            EventSpan = TimeSpan.FromDays(1),
            Rows = new Dictionary<string, long> { ["users"] = rows / 14, ["transactions"] = rows * 3 / 14, ["detailed_transactions"] = rows - (rows / 14) - (rows * 3 / 14) },
        };
        var clock = Stopwatch.StartNew();
        await BatchRunner.RunAsync(connection, MetadataReader.Default, options, progress: null, CancellationToken.None);
        span.Batches.Add(clock.Elapsed.TotalMilliseconds);
        clock.Restart();
        await RetentionRunner.RunAsync(
            connection, MetadataReader.Default, new RetentionOptions { Before = day.AddDays(-keep), ChunkSize = 10_000 }, progress: null, events: null, CancellationToken.None).ToListAsync();
        span.Retentions.Add(clock.Elapsed.TotalMilliseconds);

        // What the ledger has of today happened on the day of the data, a year or more ago by then.
        await ExecuteAsync(connection, "UPDATE streaming.batch_ledger SET committed_at = $1 WHERE committed_at > now() - interval '1 day'", DateTime.UtcNow.AddDays((day - First).TotalDays - 800));
    }

    private static async Task ExecuteAsync(DatabaseConnection connection, string sql, DateTime time)
    {
        await using var command = connection.DataSource.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = time });
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>True if, once the tables are full, nothing is more than half as large again as it was before.</summary>
    private static bool IsLevel(List<Span> spans)
    {
        var full = spans.Skip(spans.Count / 2).ToList();
        return full.Count < 2 || Grows(span => span.Batch) && Grows(span => span.Retention) && Grows(span => span.Rows) && Grows(span => span.TableMib) && Grows(span => span.MemoryMib);

        bool Grows(Func<Span, double> of) => of(full[^1]) <= 1.5 * of(full[0]);
    }

    /// <summary>A tenth of the time.</summary>
    private sealed class Span
    {
        public List<double> Batches { get; } = [];

        public List<double> Retentions { get; } = [];

        public double Batch => Median(Batches);

        public double Retention => Median(Retentions);

        public long Rows { get; private set; }

        public double TableMib { get; private set; }

        public long Partitions { get; private set; }

        public long LedgerRows { get; private set; }

        public double MemoryMib { get; private set; }

        public async Task MeasureAsync(DatabaseConnection connection)
        {
            await using var command = connection.DataSource.CreateCommand(
                """
                SELECT (SELECT count(*) FROM streaming.users) + (SELECT count(*) FROM streaming.transactions) + (SELECT count(*) FROM streaming.detailed_transactions),
                       (SELECT sum(pg_total_relation_size(c.oid))::float8 / 1048576 FROM pg_class AS c LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid
                        WHERE ARRAY[c.oid, i.inhparent] && ARRAY['streaming.users', 'streaming.transactions', 'streaming.detailed_transactions']::regclass[]::oid[]),
                       (SELECT count(*) FROM pg_inherits WHERE inhparent = 'streaming.transactions'::regclass),
                       (SELECT count(*) FROM streaming.batch_ledger)
                """);
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            (Rows, TableMib, Partitions, LedgerRows) = (reader.GetInt64(0), reader.GetDouble(1), reader.GetInt64(2), reader.GetInt64(3));
            GC.Collect();
            using var process = Process.GetCurrentProcess();
            MemoryMib = process.WorkingSet64 / 1048576.0;
        }

        private static double Median(List<double> values) => values.Count == 0 ? 0 : values.Order().ElementAt(values.Count / 2);
    }
}
