using StreamingPg.Bench.Measuring;
using StreamingPg.Core.Connections;

namespace StreamingPg.Bench.Rows;

/// <summary>Row 5: small and bulk batches on tables that have grown, against the same on empty ones.</summary>
internal sealed class GrownTablesBenchmark : IBenchmark
{
    private const double Target = 1.15;
    private const int Parallel = 2;
    private const string EmptySchema = "bench_empty";

    public IReadOnlyList<int> Rows => [5];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var grown = await context.GetGrownAsync(cancellationToken);
        await using var empty = await context.Server.MakeSchemaAsync(EmptySchema, cancellationToken);
        return
        [
            await CompareSmallAsync(context, grown, empty, cancellationToken),
            await CompareBulkAsync(context, grown, empty, cancellationToken),
        ];
    }

    private static async Task<Finding> CompareSmallAsync(
        BenchContext context, GrownTables grown, DatabaseConnection empty, CancellationToken cancellationToken)
    {
        await SmallBatches.WarmUpAsync(context, grown.Connection, cancellationToken);
        await SmallBatches.WarmUpAsync(context, empty, cancellationToken);
        await context.Server.EmptyAsync(EmptySchema, cancellationToken);
        var series = await SideBySide.RunAsync(
            context.Scale.SmallRounds,
            [
                SmallBatches.Contender("small batch on grown tables", context, grown.Connection, _ => Task.CompletedTask),
                SmallBatches.Contender("small batch on empty tables", context, empty, _ => Task.CompletedTask),
            ],
            cancellationToken);
        return Finding.AtMost(
            Target,
            5,
            "warm small batch on grown tables",
            "on tables empty at the start",
            Ratio.Of(series[0], series[1]),
            $"{SmallBatches.Milliseconds(series[0])} against {SmallBatches.Milliseconds(series[1])}; {grown.Description}");
    }

    private static async Task<Finding> CompareBulkAsync(
        BenchContext context, GrownTables grown, DatabaseConnection empty, CancellationToken cancellationToken)
    {
        var batch = context.Scale.BulkBatch;
        var series = await SideBySide.RunAsync(
            context.Scale.GrownBulkRounds,
            [
                Contender.Timed(
                    "bulk batch on grown tables",
                    context.Server.CheckpointAsync,
                    stop => context.LoadAsync(grown.Connection, batch, Parallel, ForeignKeyCheck.Set, stop)),
                Contender.Timed(
                    "bulk batch on empty tables",
                    stop => context.Server.EmptyAsync(EmptySchema, stop),
                    stop => context.LoadAsync(empty, batch, Parallel, ForeignKeyCheck.Set, stop)),
            ],
            cancellationToken);
        return Finding.AtMost(
            Target,
            5,
            "bulk batch on grown tables, -Parallel 2",
            "on empty tables",
            Ratio.Of(series[0], series[1]),
            $"{DisplayText.Rate(batch.Total / series[0].Median)} against {DisplayText.Rate(batch.Total / series[1].Median)} rows/s");
    }
}
