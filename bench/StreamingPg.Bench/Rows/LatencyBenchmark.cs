using Npgsql;
using StreamingPg.Bench.Measuring;
using StreamingPg.Core.Connections;

namespace StreamingPg.Bench.Rows;

/// <summary>Row 16: a warm small batch with a network between client and server, and without one.</summary>
internal sealed class LatencyBenchmark : IBenchmark
{
    private const string Schema = "bench_latency";
    private const string PgBenchSchema = "bench_latency_pgbench";
    private static readonly TimeSpan EachWay = TimeSpan.FromMilliseconds(5);

    public IReadOnlyList<int> Rows => [16];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var scale = context.Scale;
        await using var local = await context.Server.MakeSchemaAsync(Schema, cancellationToken);
        await using var other = await context.Server.MakeSchemaAsync(PgBenchSchema, cancellationToken);
        await using var proxy = new DelayProxy(context.Server.Port, EachWay);
        await using var distant = context.Server.Connect(Schema, proxy.Port);
        var pgBench = new PgBench(context.Server, PgBenchSchema);
        await SmallBatches.WarmUpAsync(context, local, cancellationToken);
        await pgBench.Contender("prepared", scale.SmallBatchesPerRound).Measure(cancellationToken);
        await context.Server.CheckpointAsync(cancellationToken);

        var series = await SideBySide.RunAsync(
            scale.SmallRounds,
            [
                SmallBatches.Contender("small batch over the network", context, distant, _ => Task.CompletedTask),
                RoundTrips("two round trips over the network", distant, scale.SmallBatchesPerRound),
                SmallBatches.Contender("small batch on the local socket", context, local, _ => Task.CompletedTask),
                pgBench.Contender("simple", scale.SmallBatchesPerRound),
                pgBench.Contender("prepared", scale.SmallBatchesPerRound),
            ],
            cancellationToken);
        var (ours, trips, near) = (series[0], series[1], series[2]);
        var (work, mode) = series[3].Median <= series[4].Median ? (series[3], "simple") : (series[4], "prepared");
        return
        [
            Finding.AtMost(
                1.15,
                16,
                $"warm batch of {BenchScale.SmallBatch}, 5 ms each way between client and server",
                $"two round trips of SELECT 1 there, plus pgbench -M {mode} on the local socket",
                Ratio.Of(ours, trips.Plus(work)),
                $"{SmallBatches.Milliseconds(ours)} against {SmallBatches.Milliseconds(trips)} + {SmallBatches.Milliseconds(work)}"),
            Finding.AtMost(
                1.2,
                16,
                $"warm batch of {BenchScale.SmallBatch}, local socket",
                $"pgbench -M {mode} (the better mode), one INSERT per table",
                Ratio.Of(near, work),
                $"{SmallBatches.Milliseconds(near)} against {SmallBatches.Milliseconds(work)}"),
        ];
    }

    private static Contender RoundTrips(string name, DatabaseConnection connection, int count) => new(
        name,
        _ => Task.CompletedTask,
        async cancellationToken =>
        {
            await using var open = await connection.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand("SELECT 1", open);
            var samples = new double[count];
            for (var sample = 0; sample < count; sample++)
            {
                samples[sample] = await Contender.SecondsAsync(
                    async stop =>
                    {
                        await command.ExecuteScalarAsync(stop);
                        await command.ExecuteScalarAsync(stop);
                    },
                    cancellationToken);
            }

            return samples;
        });
}
