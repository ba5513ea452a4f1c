using System.Globalization;
using StreamingPg.Bench.Measuring;

namespace StreamingPg.Bench.Rows;

/// <summary>Row 7: objects through the PowerShell pipeline into the database, against a bare pipeline of two cmdlets.</summary>
internal sealed class PipelineBenchmark : IBenchmark
{
    private const string Schema = "bench_pipeline";
    private const double TargetRatio = 0.35;
    private const double TargetRowsPerSecond = 250_000;

    public IReadOnlyList<int> Rows => [7];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var count = context.Scale.PipelineUsers;
        var work = $"New-StreamingUser -Count {count} | Import-StreamingData";
        if (ProductFiles.PowerShell is not { } powerShell)
        {
            return [NoPowerShell.Finding(7, work)];
        }

        await using var connection = await context.Server.MakeSchemaAsync(Schema, cancellationToken);
        var series = await SideBySide.RunAsync(
            context.Scale.PipelineRounds,
            [
                new Contender("our pipeline", stop => context.Server.EmptyAsync(Schema, stop), async stop => [await OursAsync(stop)]),
                Contender.Sampled("bare pipeline", BareAsync),
            ],
            cancellationToken);

        var ratio = Ratio.Of(series[1], series[0]);
        var rate = count / series[0].Median;
        return
        [
            new Finding
            {
                Row = 7,
                Work = work,
                Against = "bare pipeline of two binary cmdlets",
                Target = "at least 0.35, or 250,000 rows/s",
                Figure = ratio.ToString(),
                Spread = ratio.Spread,
                Verdict = ratio.Value >= TargetRatio || rate >= TargetRowsPerSecond ? Verdict.Met : Verdict.Missed,
                Details = $"{DisplayText.Rate(rate)} against {DisplayText.Rate(count / series[1].Median)} objects/s",
            },
        ];

        Task<double> OursAsync(CancellationToken stop) => RunAsync("pipeline-import.ps1", ["-Module", ProductFiles.ModuleManifest], stop);

        Task<double> BareAsync(CancellationToken stop) => RunAsync("pipeline-bare.ps1", [], stop);

        // The script takes the time itself: starting PowerShell and importing the module is row 9.
        async Task<double> RunAsync(string script, IEnumerable<string> arguments, CancellationToken stop)
        {
            var result = await ChildProcess.RunAsync(
                powerShell,
                [
                    "-NoProfile", "-NonInteractive", "-File", Path.Combine(AppContext.BaseDirectory, "Scripts", script),
                    "-Count", count.ToString(CultureInfo.InvariantCulture), .. arguments,
                ],
                context.Server.ForStreamingPg(Schema),
                stop);
            return double.Parse(result.Output, CultureInfo.InvariantCulture);
        }
    }
}
