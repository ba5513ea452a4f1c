using System.Diagnostics;
using System.Globalization;
using StreamingPg.Bench.Measuring;
using StreamingPg.Bench.Models;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Bench.Rows;

/// <summary>Row 13: making the rows of examples/shop.json without loading them, one thread, against the default tables; both in chunks, as a batch makes them.</summary>
internal sealed class ModelGenerationBenchmark : IBenchmark
{
    private const double Target = 0.3;

    // A parent and a chunk have something to remember, a row has not: which addresses go with which customer.
    private const double TargetBytesPerRow = 16;
    private const int WarmUps = 3;

    public IReadOnlyList<int> Rows => [13];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var shop = BenchModel.Shop(context.Scale.ShopJsonRows);
        var usual = new BenchModel("the three default tables", MetadataReader.Default, ShopRows.OfTotal(context.Scale.ShopJsonRows).PerTable);
        var bytesPerRow = new Series();
        for (var time = 0; time < WarmUps; time++)
        {
            SecondsPerRow(shop, new Series());
            SecondsPerRow(usual, new Series());
        }

        var series = await SideBySide.RunAsync(
            context.Scale.GenerationRounds,
            [
                Contender.Sampled("shop.json's seconds per row", _ => Task.FromResult(SecondsPerRow(shop, bytesPerRow))),
                Contender.Sampled("the default tables' seconds per row", _ => Task.FromResult(SecondsPerRow(usual, new Series()))),
            ],
            cancellationToken);
        var ratio = Ratio.Of(series[1], series[0]);
        return
        [
            new Finding
            {
                Row = 13,
                Work = "generation of shop.json's tables, one thread",
                Against = "the three default tables",
                Target = "at least 0.3, nothing allocated per row",
                Figure = ratio.ToString(),
                Spread = ratio.Spread,
                Verdict = ratio.Value >= Target && bytesPerRow.Median < TargetBytesPerRow ? Verdict.Met : Verdict.Missed,
                Details = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{1 / series[0].Median:N0} against {1 / series[1].Median:N0} rows/s; {bytesPerRow.Median:0.0} bytes allocated per row, wiring apart"),
            },
        ];
    }

    /// <summary>Wiring the generators counts: a batch does it, chunk after chunk. What is allocated counts from then on.</summary>
    private static double SecondsPerRow(BenchModel model, Series bytesPerRow)
    {
        var plan = new BatchPlan
        {
            Model = model.Model,
            Seed = 42,
            BatchNumber = 1,
            ReferenceTime = BatchPlan.FixedReferenceTime,
            KeyTime = new DateTimeOffset(BatchPlan.FixedReferenceTime).ToUnixTimeMilliseconds(),
            Rows = model.Rows,
            Chunks = (int)((model.Total + BatchOptions.DefaultChunkSize - 1) / BatchOptions.DefaultChunkSize),
            SequenceValues = model.Model.Tables.Where(table => table.SequenceColumn is not null).ToDictionary(table => table.Name, _ => new SequenceValues(1, 1)),
        };
        using var block = new RowBlock();
        var writer = new RowWriter(block);
        long allocated = 0;
        var begin = Stopwatch.GetTimestamp();
        for (var chunk = 0; chunk < plan.Chunks; chunk++)
        {
            var generator = new BatchGenerator(plan, chunk);
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var table in model.Model.Tables)
            {
                Fill(generator, table, writer);
            }

            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        bytesPerRow.Add([allocated / (double)model.Total]);
        return seconds / model.Total;
    }

    private static void Fill(BatchGenerator generator, TableModel table, RowWriter writer)
    {
        var rows = generator.Rows(table);
        var maker = generator.Table(table.Name);
        for (var row = rows.From; row < rows.To;)
        {
            writer.Block.Clear();
            writer.Use(writer.Block);
            row = maker.Fill(writer, row, rows.To);
        }
    }
}
