using StreamingPg.Bench.Measuring;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Model;

namespace StreamingPg.Bench.Rows;

/// <summary>Row 10: all integrity checks of the grown tables, against a bare anti-join per foreign key.</summary>
internal sealed class IntegrityBenchmark : IBenchmark
{
    private static readonly IReadOnlyList<string> AntiJoins =
    [
        AntiJoin("transactions", "user_id", "users"),
        AntiJoin("detailed_transactions", "transaction_id", "transactions"),
        AntiJoin("detailed_transactions", "user_id", "users"),
    ];

    public IReadOnlyList<int> Rows => [10];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var grown = await context.GetGrownAsync(cancellationToken);
        await context.Server.SettleAsync(GrownTables.Schema, cancellationToken);
        var checks = 0;
        var series = await SideBySide.RunAsync(
            context.Scale.IntegrityRounds,
            [
                Contender.Timed("all checks", context.Server.CheckpointAsync, async stop => checks = await CheckAsync(grown, stop)),
                Contender.Timed("anti-joins", context.Server.CheckpointAsync, stop => RunAntiJoinsAsync(context.Server, stop)),
            ],
            cancellationToken);
        return
        [
            Finding.AtMost(
                1.1,
                10,
                $"Test-StreamingIntegrity on grown tables ({checks} checks)",
                "three bare anti-joins through psql",
                Ratio.Of(series[0], series[1]),
                $"{Seconds(series[0])} against {Seconds(series[1])}; {grown.Description}"),
        ];
    }

    private static async Task<int> CheckAsync(GrownTables grown, CancellationToken cancellationToken)
    {
        var checks = 0;
        await foreach (var result in IntegrityChecker.CheckAsync(grown.Connection, MetadataReader.Default, cancellationToken))
        {
            checks++;
            if (!result.Passed)
            {
                throw new InvalidOperationException($"{result.Check} found {result.Count} rows in tables that should be sound.");
            }
        }

        return checks;
    }

    private static async Task RunAntiJoinsAsync(BenchServer server, CancellationToken cancellationToken)
    {
        var result = await ChildProcess.RunAsync(
            server.Program("psql"),
            ["--no-psqlrc", "--tuples-only", "--no-align", .. AntiJoins.SelectMany(query => new[] { "--command", query })],
            server.ForPostgresPrograms(GrownTables.Schema),
            cancellationToken);
        if (result.Output.Split('\n').Any(line => line.Trim() != "0"))
        {
            throw new InvalidOperationException($"The anti-joins found orphans: {result.Output}");
        }
    }

    private static string AntiJoin(string child, string column, string parent) =>
        $"SELECT count(*) FROM {child} c LEFT JOIN {parent} p ON p.{column} = c.{column} WHERE p.{column} IS NULL AND c.{column} IS NOT NULL";

    private static string Seconds(Series seconds) => DisplayText.Duration(TimeSpan.FromSeconds(seconds.Median));
}
