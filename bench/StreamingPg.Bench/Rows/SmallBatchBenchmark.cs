using StreamingPg.Bench.Measuring;

namespace StreamingPg.Bench.Rows;

/// <summary>Row 4: the latency of a warm small batch, against pgbench with one INSERT per table.</summary>
internal sealed class SmallBatchBenchmark : IBenchmark
{
    private const string Schema = "bench_small";
    private const string PgBenchSchema = "bench_small_pgbench";

    public IReadOnlyList<int> Rows => [4];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var scale = context.Scale;
        await using var connection = await context.Server.MakeSchemaAsync(Schema, cancellationToken);
        await using var pgBenchConnection = await context.Server.MakeSchemaAsync(PgBenchSchema, cancellationToken);
        var pgBench = new PgBench(context.Server, PgBenchSchema);
        await SmallBatches.WarmUpAsync(context, connection, cancellationToken);
        await pgBench.Contender("simple", scale.SmallBatchesPerRound).Measure(cancellationToken);
        await context.Server.CheckpointAsync(cancellationToken);

        var series = await SideBySide.RunAsync(
            scale.SmallRounds,
            [
                SmallBatches.Contender("small batch", context, connection, _ => Task.CompletedTask),
                pgBench.Contender("simple", scale.SmallBatchesPerRound),
                pgBench.Contender("prepared", scale.SmallBatchesPerRound),
            ],
            cancellationToken);

        var (ours, simple, prepared) = (series[0], series[1], series[2]);
        var (baseline, mode) = simple.Median <= prepared.Median ? (simple, "simple") : (prepared, "prepared");
        return
        [
            Finding.AtMost(
                1.3,
                4,
                $"warm batch of {BenchScale.SmallBatch}, median of {scale.SmallRounds * scale.SmallBatchesPerRound}",
                $"pgbench -M {mode} (the better mode), one INSERT per table",
                Ratio.Of(ours, baseline),
                $"{SmallBatches.Milliseconds(ours)} against {SmallBatches.Milliseconds(simple)} simple, "
                + $"{SmallBatches.Milliseconds(prepared)} prepared"),
        ];
    }
}
