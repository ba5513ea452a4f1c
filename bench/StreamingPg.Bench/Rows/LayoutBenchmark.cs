using System.Globalization;
using Npgsql;
using StreamingPg.Bench.Measuring;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Retention;
using StreamingPg.Core.Schema;

namespace StreamingPg.Bench.Rows;

/// <summary>
/// Row 23: what each layout costs: the first load, a batch on tables that have rows, a small batch, all checks, and retention of a part of the days; each
/// against plain tables on the same server. With a coordinator of Citus in STREAMINGPG_BENCH_CITUS (a connection string of a
/// database with the extension and its workers), that server has all four layouts; without, the run's own server has two.
/// </summary>
internal sealed class LayoutBenchmark : IBenchmark
{
    private const string CitusVariable = "STREAMINGPG_BENCH_CITUS";
    private const int Days = 10;
    private const int SmallBatches = 50;
    private static readonly DateTime End = new(2026, 1, 31, 0, 0, 0, DateTimeKind.Utc);

    public IReadOnlyList<int> Rows => [23];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var citus = Environment.GetEnvironmentVariable(CitusVariable) is { Length: > 0 } text ? new NpgsqlConnectionStringBuilder(text) : null;
        List<(string Name, LayoutOptions Options)> layouts =
        [
            ("plain", new LayoutOptions()),
            ("partitioned by day", new LayoutOptions { PartitionBy = PartitionInterval.Day }),
        ];
        if (citus is not null)
        {
            layouts.Add(("distributed", new LayoutOptions { Distributed = true }));
            layouts.Add(("distributed, partitioned by day", new LayoutOptions { Distributed = true, PartitionBy = PartitionInterval.Day }));
        }

        var tables = new List<LayoutTables>();
        try
        {
            foreach (var (name, options) in layouts)
            {
                var schema = $"bench_layout_{tables.Count}";
                var connection = citus is null ? await context.Server.MakeSchemaAsync(schema, MetadataReader.Default, cancellationToken, options.PartitionBy)
                    : new DatabaseConnection(citus, schema, ConnectionSource.Parameter);
                tables.Add(new LayoutTables(name, connection));
                if (citus is not null)
                {
                    await SchemaInitializer.InitializeAsync(connection, MetadataReader.Default, options, planOnly: false, cancellationToken);
                }
            }

            var findings = new List<Finding>();
            var rows = context.Scale.BulkBatch;
            await MeasureAsync("first load of empty tables", context.Scale.BulkRounds, layout => layout.EmptyAsync, layout => stop => layout.LoadAsync(rows, stop));
            await MeasureAsync("bulk batch on tables with rows", context.Scale.BulkRounds, _ => _ => Task.CompletedTask, layout => stop => layout.LoadAsync(rows, stop));
            await MeasureAsync($"{SmallBatches} small batches", context.Scale.SmallRounds, _ => _ => Task.CompletedTask, layout => stop => layout.LoadSmallAsync(SmallBatches, stop));
            await MeasureAsync("Test-StreamingIntegrity -Parallel 2, all checks", context.Scale.IntegrityRounds, layout => layout.SettleAsync, layout => layout.CheckAsync);

            // What is gone is gone: once. The first time, partitions that rows of the next day refer to stay for that day.
            await Task.WhenAll(tables.Select(layout => layout.RemoveAsync(End.AddDays(2 - Days), cancellationToken)));
            await MeasureAsync("retention of four of ten days, per million rows", 1, layout => layout.SettleAsync, layout => stop => layout.RemoveAsync(End.AddDays(6 - Days), stop), perRow: true);
            return findings;

            async Task MeasureAsync(
                string work, int rounds, Func<LayoutTables, Func<CancellationToken, Task>> prepare, Func<LayoutTables, Func<CancellationToken, Task>> measure, bool perRow = false)
            {
                var series = await SideBySide.RunAsync(
                    rounds,
                    [.. tables.Select(layout => new Contender($"{work}, {layout.Name}", prepare(layout), async stop =>
                    {
                        var seconds = await Contender.SecondsAsync(measure(layout), stop);
                        return [perRow ? seconds / layout.Removed * 1_000_000 : seconds];
                    }))],
                    cancellationToken);
                for (var index = 1; index < tables.Count; index++)
                {
                    var ratio = Ratio.Of(series[index], series[0]);
                    findings.Add(new Finding
                    {
                        Row = 23,
                        Work = $"{work}; {tables[index].Name}",
                        Against = "the same of plain tables",
                        Figure = ratio.ToString(),
                        Spread = ratio.Spread,
                        Verdict = Verdict.NoTarget,
                        Details = string.Create(CultureInfo.InvariantCulture, $"{series[index].Median:0.000} s against {series[0].Median:0.000} s{(citus is null ? "" : "; coordinator of Citus")}"),
                    });
                }
            }
        }
        finally
        {
            foreach (var layout in tables)
            {
                await layout.DisposeAsync();
            }
        }
    }

    /// <summary>The three tables in one layout.</summary>
    private sealed class LayoutTables(string name, DatabaseConnection connection) : IAsyncDisposable
    {
        public string Name => name;

        /// <summary>Rows that retention removed last.</summary>
        public long Removed { get; private set; }

        public async Task EmptyAsync(CancellationToken cancellationToken)
        {
            await ExecuteAsync($"TRUNCATE {Tables}", cancellationToken);
            await ExecuteAsync("CHECKPOINT", cancellationToken);
        }

        public async Task SettleAsync(CancellationToken cancellationToken)
        {
            await ExecuteAsync($"VACUUM (ANALYZE) {Tables}", cancellationToken);
            await ExecuteAsync("CHECKPOINT", cancellationToken);
        }

        public Task LoadAsync(ShopRows rows, CancellationToken cancellationToken) =>
            LoadAsync(new BatchOptions { Rows = rows.PerTable, ReferenceTime = End, EventSpan = TimeSpan.FromDays(Days), Parallel = 2 }, cancellationToken);

        public async Task LoadSmallAsync(int batches, CancellationToken cancellationToken)
        {
            for (var batch = 0; batch < batches; batch++)
            {
                await LoadAsync(
                    new BatchOptions { Rows = new ShopRows(10, 30, 100).PerTable, ReferenceTime = End, EventSpan = TimeSpan.FromHours(1) }, cancellationToken);
            }
        }

        public async Task CheckAsync(CancellationToken cancellationToken)
        {
            await foreach (var result in IntegrityChecker.CheckAsync(connection, MetadataReader.Default, new IntegrityOptions { Parallel = 2 }, cancellationToken))
            {
                if (!result.Passed)
                {
                    throw new InvalidOperationException($"{result.Check} found {result.Count} rows in {name} tables that should be sound. {result.Error}");
                }
            }
        }

        public async Task RemoveAsync(DateTime before, CancellationToken cancellationToken)
        {
            Removed = 0;
            var options = new RetentionOptions { Before = before, Tables = ["transactions", "detailed_transactions"], ChunkSize = 10_000 };
            await foreach (var result in RetentionRunner.RunAsync(connection, MetadataReader.Default, options, progress: null, events: null, cancellationToken))
            {
                Removed += result.Removed;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await ExecuteAsync($"DROP SCHEMA {StreamingPg.Core.Model.Identifier.Quote(connection.Schema)} CASCADE", CancellationToken.None);
            await connection.DisposeAsync();
        }

        private string Tables => string.Join(", ", BenchServer.Tables.Select(connection.Quote));

        private async Task LoadAsync(BatchOptions options, CancellationToken cancellationToken)
        {
            var result = await BatchRunner.RunAsync(connection, MetadataReader.Default, options, progress: null, cancellationToken);
            if (result.TotalRows != options.TotalRows)
            {
                throw new InvalidOperationException($"{result.TotalRows} of {options.TotalRows} rows were loaded into {name} tables.");
            }
        }

        private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
        {
            await using var command = connection.DataSource.CreateCommand(sql);
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
