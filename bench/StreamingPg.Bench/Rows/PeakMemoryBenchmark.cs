using System.Globalization;
using StreamingPg.Bench.Measuring;

namespace StreamingPg.Bench.Rows;

/// <summary>Row 6: memory of a process that loads a very large batch, against one that loads a hundredth of it.</summary>
internal sealed class PeakMemoryBenchmark : IBenchmark
{
    private const string Schema = "bench_memory";
    private const double Target = 1.2;
    private const double TargetMegabytes = 300;
    private const double BytesPerMegabyte = 1 << 20;

    public IReadOnlyList<int> Rows => [6];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (many, few) = (context.Scale.ManyRows, context.Scale.FewRows);
        await using var connection = await context.Server.MakeSchemaAsync(Schema, cancellationToken);
        var series = await SideBySide.RunAsync(
            context.Scale.MemoryRounds, [Load("many rows", many), Load("few rows", few)], cancellationToken);

        var ratio = Ratio.Of(series[0], series[1]);
        var isMet = ratio.Value <= Target && series[0].Highest < TargetMegabytes;
        return
        [
            new Finding
            {
                Row = 6,
                Work = $"peak resident memory of the command line for {many.Total.ToString("N0", CultureInfo.InvariantCulture)} rows",
                Against = $"for {few.Total.ToString("N0", CultureInfo.InvariantCulture)} rows",
                Target = "at most 1.2 and under 300 MB",
                Figure = ratio.ToString(),
                Spread = ratio.Spread,
                Verdict = isMet ? Verdict.Met : Verdict.Missed,
                Details = string.Create(
                    CultureInfo.InvariantCulture, $"{series[0].Median:0} MB against {series[1].Median:0} MB, highest {series[0].Highest:0} MB"),
            },
        ];

        Contender Load(string name, ShopRows rows) => new(
            $"peak memory in MB, {name}",
            stop => context.Server.EmptyAsync(Schema, stop),
            async stop => [await PeakMegabytesAsync(context, rows, stop)]);
    }

    private static async Task<double> PeakMegabytesAsync(BenchContext context, ShopRows rows, CancellationToken cancellationToken)
    {
        var result = await ChildProcess.RunAsync(
            ProductFiles.CommandLine,
            ["batch", "--users", Text(rows.Users), "--transactions", Text(rows.Transactions), "--details", Text(rows.Details)],
            context.Server.ForStreamingPg(Schema),
            cancellationToken);
        return result.PeakBytes / BytesPerMegabyte;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
