using System.Globalization;
using StreamingPg.Bench.Measuring;
using StreamingPg.Bench.Models;

namespace StreamingPg.Bench.Rows;

/// <summary>Row 20 for row 12: memory of the command line that loads examples/shop.json, against a tenth of it.</summary>
internal sealed class ModelMemoryBenchmark : IBenchmark
{
    private const string Schema = "bench_model_memory";
    private const double TargetMegabytes = 300;
    private const double TargetRatio = 1.2;
    private const double BytesPerMegabyte = 1 << 20;

    public IReadOnlyList<int> Rows => [20];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (many, few) = (BenchModel.Shop(10 * context.Scale.ShopJsonRows), BenchModel.Shop(context.Scale.ShopJsonRows));
        await using var connection = await context.Server.MakeSchemaAsync(Schema, many.Model, cancellationToken);
        var series = await SideBySide.RunAsync(context.Scale.MemoryRounds, [Load(many), Load(few)], cancellationToken);
        var ratio = Ratio.Of(series[0], series[1]);
        return
        [
            new Finding
            {
                Row = 20,
                Work = $"peak resident memory of the command line, shop.json, {DisplayText.Count(many.Total)} rows, --parallel 2",
                Against = $"{DisplayText.Count(few.Total)} rows",
                Target = "at most 1.2 and under 300 MB",
                Figure = ratio.ToString(),
                Spread = ratio.Spread,
                Verdict = ratio.Value <= TargetRatio && series[0].Highest < TargetMegabytes ? Verdict.Met : Verdict.Missed,
                Details = string.Create(CultureInfo.InvariantCulture, $"{series[0].Median:0} MB against {series[1].Median:0} MB, highest {series[0].Highest:0} MB"),
            },
        ];

        Contender Load(BenchModel model) => new(
            $"peak memory in MB, {DisplayText.Count(model.Total)} rows",
            stop => context.Server.ExecuteAsync($"TRUNCATE {string.Join(", ", model.Model.Tables.Select(table => connection.Quote(table.Name)))}; CHECKPOINT", stop),
            async stop => [await PeakMegabytesAsync(context, model, stop)]);
    }

    private static async Task<double> PeakMegabytesAsync(BenchContext context, BenchModel model, CancellationToken cancellationToken)
    {
        var rows = model.Rows.Where(table => model.Model.Table(table.Key).RowsPerBatch is not null)
            .Select(table => string.Create(CultureInfo.InvariantCulture, $"{table.Key}={table.Value}"));
        var result = await ChildProcess.RunAsync(
            ProductFiles.CommandLine,
            ["batch", "--metadata", BenchModel.ShopFile, "--seed", "42", "--parallel", "2", "--rows", .. rows],
            context.Server.ForStreamingPg(Schema),
            cancellationToken);
        return result.PeakBytes / BytesPerMegabyte;
    }
}
