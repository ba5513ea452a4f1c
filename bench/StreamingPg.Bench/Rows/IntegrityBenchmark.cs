using StreamingPg.Bench.Measuring;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Bench.Rows;

/// <summary>Row 10: the orphan checks of the grown tables, and all checks, against a bare anti-join per foreign key.</summary>
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
        var (checks, orphanChecks) = (0, 0);
        var series = await SideBySide.RunAsync(
            context.Scale.IntegrityRounds,
            [
                Contender.Timed("all checks", context.Server.CheckpointAsync, async stop => checks = await CheckAsync(grown, [], stop)),
                Contender.Timed(
                    "orphan checks", context.Server.CheckpointAsync, async stop => orphanChecks = await CheckAsync(grown, ["ForeignKey *"], stop)),
                Contender.Timed("anti-joins", context.Server.CheckpointAsync, stop => RunAntiJoinsAsync(context.Server, stop)),
            ],
            cancellationToken);
        return
        [
            Compare($"Test-StreamingIntegrity -Check 'ForeignKey *' on grown tables ({orphanChecks} checks)", series[1], series[2], grown),
            Compare($"Test-StreamingIntegrity on grown tables (all {checks} checks)", series[0], series[2], grown),
        ];
    }

    private static Finding Compare(string work, Series ours, Series antiJoins, GrownTables grown) => Finding.AtMost(
        1.1,
        10,
        work,
        "three bare anti-joins through psql",
        Ratio.Of(ours, antiJoins),
        $"{Seconds(ours)} against {Seconds(antiJoins)}; {grown.Description}");

    private static async Task<int> CheckAsync(GrownTables grown, string[] names, CancellationToken cancellationToken)
    {
        var checks = 0;
        await foreach (var result in IntegrityChecker.CheckAsync(grown.Connection, MetadataReader.Default, names, cancellationToken))
        {
            checks++;
            if (!result.Passed)
            {
                throw new InvalidOperationException($"{result.Check} found {result.Count} rows in tables that should be sound.");
            }
        }

        return checks;
    }

    /// <summary>Runs the three anti-joins.</summary>
    public static async Task RunAntiJoinsAsync(BenchServer server, CancellationToken cancellationToken)
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
