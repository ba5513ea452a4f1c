using StreamingPg.Bench.Measuring;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Bench.Rows;

/// <summary>Row 17: all checks of the grown tables against a bare anti-join per foreign key, and the checks of what came since.</summary>
internal sealed class FullIntegrityBenchmark : IBenchmark
{
    public IReadOnlyList<int> Rows => [17];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var grown = await context.GetGrownAsync(cancellationToken);
        await context.Server.SettleAsync(GrownTables.Schema, cancellationToken);
        var server = context.Server;
        var series = await SideBySide.RunAsync(
            context.Scale.IntegrityRounds,
            [
                Contender.Timed("all checks", server.CheckpointAsync, stop => CheckAsync(grown, new IntegrityOptions { Parallel = 2 }, stop)),
                Contender.Timed("anti-joins", server.CheckpointAsync, stop => IntegrityBenchmark.RunAntiJoinsAsync(server, stop)),
            ],
            cancellationToken);

        // What came since: ten times as many rows should take about ten times as long, however large the tables are.
        var few = await context.LoadAsync(grown.Connection, ShopRows.OfTotal(140_000), parallel: 2, check: null, cancellationToken);
        var many = await context.LoadAsync(grown.Connection, ShopRows.OfTotal(1_400_000), parallel: 2, check: null, cancellationToken);
        var since = await SideBySide.RunAsync(
            context.Scale.IntegrityRounds,
            [
                Contender.Timed("1.4 million rows", server.CheckpointAsync, stop => CheckAsync(grown, new() { Parallel = 2, Batches = [many.BatchId] }, stop)),
                Contender.Timed("140,000 rows", server.CheckpointAsync, stop => CheckAsync(grown, new() { Parallel = 2, Batches = [few.BatchId] }, stop)),
            ],
            cancellationToken);
        return
        [
            Finding.AtMost(
                1.5,
                17,
                "Test-StreamingIntegrity -Parallel 2 on grown tables, all checks",
                "three bare anti-joins through psql",
                Ratio.Of(series[0], series[1]),
                $"{Seconds(series[0])} against {Seconds(series[1])}; {grown.Description}"),
            Proportional(
                "Get-StreamingBatch | Test-StreamingIntegrity -Parallel 2 on grown tables, a batch of 1,400,000 rows",
                "a batch of 140,000 rows, a tenth of it",
                Ratio.Of(since[0], since[1]),
                $"{Seconds(since[0])} against {Seconds(since[1])}; all rows: {Seconds(series[0])}"),
        ];
    }

    /// <summary>A ratio far below 10 means that the time follows from the size of the tables, of which only one reading of the e-mail addresses does.</summary>
    private static Finding Proportional(string work, string against, Ratio ratio, string details) => new()
    {
        Row = 17,
        Work = work,
        Against = against,
        Target = "3 to 12",
        Figure = ratio.ToString(),
        Spread = ratio.Spread,
        Verdict = ratio.Value is >= 3 and <= 12 ? Verdict.Met : Verdict.Missed,
        Details = details,
    };

    private static async Task CheckAsync(GrownTables grown, IntegrityOptions options, CancellationToken cancellationToken)
    {
        await foreach (var result in IntegrityChecker.CheckAsync(grown.Connection, MetadataReader.Default, options, cancellationToken))
        {
            if (!result.Passed)
            {
                throw new InvalidOperationException($"{result.Check} found {result.Count} rows in tables that should be sound. {result.Error}");
            }
        }
    }

    private static string Seconds(Series seconds) => DisplayText.Duration(TimeSpan.FromSeconds(seconds.Median));
}
