using StreamingPg.Bench.Measuring;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Retention;

namespace StreamingPg.Bench.Rows;

/// <summary>
/// Row 22: the daily retention of a stream of ten days that runs day and night, on its second day: lines follow their transaction over midnight, so
/// a partition stays for one more day, and the parts of its last rows are deleted from the next. Measured once: what is gone is gone.
/// </summary>
internal sealed class RetentionBenchmark : IBenchmark
{
    private const double Target = 20;
    private const int Parts = 10;
    private static readonly DateTime End = new(2026, 1, 31, 0, 0, 0, DateTimeKind.Utc);

    public IReadOnlyList<int> Rows => [22];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var plain = await MakeAsync(context, "bench_retention_plain", null, cancellationToken);
        await using var partitioned = await MakeAsync(context, "bench_retention_partitioned", PartitionInterval.Day, cancellationToken);
        var removed = new Dictionary<string, long>();

        // The first day is not measured: in partitions, nothing can go on it.
        await RemoveAsync(plain, 1, removed, cancellationToken);
        await RemoveAsync(partitioned, 1, removed, cancellationToken);
        await context.Server.SettleAsync(plain.Schema, cancellationToken);
        await context.Server.SettleAsync(partitioned.Schema, cancellationToken);
        var series = await SideBySide.RunAsync(
            1,
            [
                Contender.Timed("rows deleted", context.Server.CheckpointAsync, stop => RemoveAsync(plain, 2, removed, stop)),
                Contender.Timed("partitions dropped", context.Server.CheckpointAsync, stop => RemoveAsync(partitioned, 2, removed, stop)),
            ],
            cancellationToken);

        // Not the same rows, but a day's in both.
        return Math.Abs(removed[plain.Schema] - removed[partitioned.Schema]) < removed[plain.Schema] / 20
            ? [Finding.AtLeast(
                Target,
                22,
                "daily retention of a tenth of the rows, partitions dropped",
                "rows deleted",
                Ratio.Of(series[0], series[1]),
                $"{DisplayText.Count(removed[plain.Schema])} of {DisplayText.Count(context.Scale.GrownRows)} rows: {series[1].Median:0.00} s against {series[0].Median:0.00} s")]
            : throw new InvalidOperationException($"{removed[plain.Schema]} rows were deleted, but {removed[partitioned.Schema]} dropped.");
    }

    /// <summary>Ten days of transactions and lines, each a tenth of the rows.</summary>
    private static async Task<DatabaseConnection> MakeAsync(BenchContext context, string schema, PartitionInterval? interval, CancellationToken cancellationToken)
    {
        var connection = await context.Server.MakeSchemaAsync(schema, MetadataReader.Default, cancellationToken, interval);
        var rows = ShopRows.OfTotal(context.Scale.GrownRows / Parts).PerTable;
        for (var part = 0; part < Parts; part++)
        {
            // From noon to noon: no event is later than its batch, so that lines would not follow over a midnight at which it ends.
            var options = new BatchOptions
            {
                Rows = rows, ReferenceTime = End.AddDays(part + 0.5 - Parts), EventSpan = TimeSpan.FromDays(1), ExistingRatio = 0, Parallel = 2,
            };
            await BatchRunner.RunAsync(connection, MetadataReader.Default, options, progress: null, cancellationToken);
        }

        await context.Server.SettleAsync(schema, cancellationToken);
        return connection;
    }

    private static async Task RemoveAsync(DatabaseConnection connection, int days, Dictionary<string, long> removed, CancellationToken cancellationToken)
    {
        var options = new RetentionOptions { Before = End.AddDays(days - Parts), Tables = ["transactions", "detailed_transactions"], ChunkSize = 10_000 };
        removed[connection.Schema] = 0;
        await foreach (var result in RetentionRunner.RunAsync(connection, MetadataReader.Default, options, progress: null, events: null, cancellationToken))
        {
            removed[connection.Schema] += result.Removed;
        }
    }
}
