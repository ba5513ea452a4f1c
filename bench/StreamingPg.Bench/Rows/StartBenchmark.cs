using System.Globalization;
using StreamingPg.Bench.Measuring;

namespace StreamingPg.Bench.Rows;

/// <summary>Row 9: what importing the module adds to PowerShell's start, and a cold small batch from start to end.</summary>
internal sealed class StartBenchmark : IBenchmark
{
    private const string Schema = "bench_cold";
    private const double TargetMilliseconds = 150;
    private const double TargetSeconds = 0.8;

    public IReadOnlyList<int> Rows => [9];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        if (ProductFiles.PowerShell is not { } powerShell)
        {
            return [NoPowerShell.Finding(9, "Import-Module StreamingPg")];
        }

        await using var connection = await context.Server.MakeSchemaAsync(Schema, cancellationToken);
        var import = $"Import-Module '{ProductFiles.ModuleManifest.Replace("'", "''", StringComparison.Ordinal)}'; ";
        await RunAsync(import + "Invoke-StreamingBatch", cancellationToken);
        var series = await SideBySide.RunAsync(
            context.Scale.StartRounds,
            [
                Contender.Sampled("pwsh with the module", stop => RunAsync(import + "1", stop)),
                Contender.Sampled("pwsh alone", stop => RunAsync("1", stop)),
                Contender.Sampled("pwsh with a cold batch", stop => RunAsync(import + "Invoke-StreamingBatch", stop)),
            ],
            cancellationToken);
        return [Import(series[0], series[1]), ColdBatch(series[2])];

        async Task<double> RunAsync(string command, CancellationToken stop)
        {
            var result = await ChildProcess.RunAsync(
                powerShell, ["-NoProfile", "-NonInteractive", "-Command", command], context.Server.ForStreamingPg(Schema), stop);
            return result.Elapsed.TotalMilliseconds;
        }
    }

    private static Finding Import(Series with, Series without)
    {
        var more = with.Median - without.Median;
        var rounds = with.RoundMedians.Zip(without.RoundMedians, (above, below) => above - below).ToArray();
        return new Finding
        {
            Row = 9,
            Work = "pwsh -NoProfile with Import-Module StreamingPg",
            Against = "pwsh -NoProfile -c 1",
            Target = "at most 150 ms more",
            Figure = Milliseconds(more),
            Spread = $"{Milliseconds(rounds.Min())} to {Milliseconds(rounds.Max())}",
            Verdict = more <= TargetMilliseconds ? Verdict.Met : Verdict.Missed,
            Details = $"{Milliseconds(with.Median)} against {Milliseconds(without.Median)}",
        };
    }

    private static Finding ColdBatch(Series milliseconds) => new()
    {
        Row = 9,
        Work = $"cold batch of {BenchScale.SmallBatch} in a fresh pwsh, in all",
        Target = "at most 0.8 s",
        Figure = Milliseconds(milliseconds.Median),
        Spread = $"{Milliseconds(milliseconds.RoundMedians.Min())} to {Milliseconds(milliseconds.Highest)}",
        Verdict = milliseconds.Median <= TargetSeconds * 1000 ? Verdict.Met : Verdict.Missed,
    };

    private static string Milliseconds(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0} ms");
}
