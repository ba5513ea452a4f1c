using System.Globalization;
using StreamingPg.Bench.Measuring;
using StreamingPg.Core.Growth;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Bench.Rows;

/// <summary>Row 11: the estimate of the grown tables' size and growth.</summary>
internal sealed class GrowthBenchmark : IBenchmark
{
    private const double TargetMilliseconds = 50;
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    public IReadOnlyList<int> Rows => [11];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var grown = await context.GetGrownAsync(cancellationToken);
        var series = await SideBySide.RunAsync(
            context.Scale.GrowthReadings,
            [Contender.Timed("growth by estimate", _ => Task.CompletedTask, ReadAsync)],
            cancellationToken);
        var milliseconds = series[0].Median * 1000;
        return
        [
            new Finding
            {
                Row = 11,
                Work = "Get-StreamingGrowth -Estimate on grown tables",
                Target = "under 50 ms",
                Figure = Milliseconds(milliseconds),
                Spread = $"{Milliseconds(series[0].RoundMedians.Min() * 1000)} to {Milliseconds(series[0].Highest * 1000)}",
                Verdict = milliseconds < TargetMilliseconds ? Verdict.Met : Verdict.Missed,
                Details = $"median of {context.Scale.GrowthReadings}; {grown.Description}",
            },
        ];

        Task ReadAsync(CancellationToken stop) =>
            GrowthReader.ReadAsync(grown.Connection, MetadataReader.Default, Period, estimate: true, stop);
    }

    private static string Milliseconds(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0.0} ms");
}
