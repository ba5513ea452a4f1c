using StreamingPg.Bench.Measuring;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Bench.Rows;

/// <summary>Row 15: the first load of empty tables by their owner, on a private server as it comes and on one with WAL for replication.</summary>
internal sealed class FirstLoadBenchmark : IBenchmark
{
    private const string Schema = "bench_first";

    public IReadOnlyList<int> Rows => [15];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var server = await BenchServer.StartPrivateAsync(context.Options.Folder, cancellationToken);
        return
        [
            await MeasureAsync(context, server, "private server", 1.8, cancellationToken),
            await MeasureAsync(context, context.Server, "wal_level replica", 1.2, cancellationToken),
        ];
    }

    private static async Task<Finding> MeasureAsync(
        BenchContext context, BenchServer server, string kind, double target, CancellationToken cancellationToken)
    {
        var rows = context.Scale.BulkBatch;
        await using var connection = await server.MakeSchemaAsync(Schema, cancellationToken);
        var files = new RowFiles(server);
        var result = await LoadAsync(connection, rows, cancellationToken);
        await files.WriteAsync(Schema, cancellationToken);
        var series = await SideBySide.RunAsync(
            context.Scale.BulkRounds,
            [
                Contender.Timed(
                    $"first load, {kind}",
                    stop => server.EmptyAsync(Schema, stop),
                    async stop => result = await LoadAsync(connection, rows, stop)),
                Contender.Timed(
                    $"COPY, {kind}", stop => server.EmptyAsync(Schema, stop), stop => files.LoadAsync(connection, withTriggers: false, rows, stop)),
            ],
            cancellationToken);
        var (_, settings) = await server.DescribeAsync(cancellationToken);
        return Finding.AtLeast(
            target,
            15,
            $"first load of empty tables by their owner, keys, indexes and foreign keys valid at the end; {kind}",
            "COPY FROM file, triggers off, same indexes",
            Ratio.Of(series[1], series[0]),
            $"{DisplayText.Rate(rows.Total / series[0].Median)} against {DisplayText.Rate(rows.Total / series[1].Median)} rows/s; "
            + $"{settings[settings.IndexOf("wal_level", StringComparison.Ordinal)..]}; {result.ForeignKeyCheckReason}");
    }

    /// <summary>With the default size of chunks, for a smaller one asks for several transactions.</summary>
    private static async Task<BatchResult> LoadAsync(DatabaseConnection connection, ShopRows rows, CancellationToken cancellationToken)
    {
        var options = new BatchOptions { Rows = rows.PerTable };
        var result = await BatchRunner.RunAsync(connection, MetadataReader.Default, options, progress: null, cancellationToken);
        return result.TotalRows == rows.Total && result.ForeignKeyCheckReason.Contains("were empty", StringComparison.Ordinal)
            ? result
            : throw new InvalidOperationException($"{result.TotalRows} rows were loaded, foreign keys by {result.ForeignKeyCheck}: {result.ForeignKeyCheckReason}.");
    }
}
