using System.Globalization;
using StreamingPg.Bench.Measuring;

namespace StreamingPg.Bench.Rows;

/// <summary>Row 8: making rows without loading them, one thread, against Bogus.</summary>
internal sealed class GenerationBenchmark : IBenchmark
{
    private const double Target = 30;
    private const int WarmUps = 5;

    // Less than one byte a row is none per row: what is left is allocated per batch.
    private const double TargetBytesPerRow = 1;

    public IReadOnlyList<int> Rows => [8];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rows = context.Scale.BulkBatch;
        var users = context.Scale.BogusUsers;
        var faker = BogusUser.Faker();
        using (var warmUp = new MixedRows(rows))
        {
            for (var time = 0; time < WarmUps; time++)
            {
                warmUp.MakeAll();
            }
        }

        await MakeUsers(faker, users);
        var bytesPerRow = new Series();
        var series = await SideBySide.RunAsync(
            context.Scale.GenerationRounds,
            [
                Contender.Sampled("our seconds per row", _ => Task.FromResult(OurSecondsPerRow(rows, bytesPerRow))),
                Contender.Sampled("Bogus's seconds per row", async stop => await Contender.SecondsAsync(_ => MakeUsers(faker, users), stop) / users),
            ],
            cancellationToken);

        var ratio = Ratio.Of(series[1], series[0]);
        return
        [
            new Finding
            {
                Row = 8,
                Work = "generation alone, the three tables mixed, one thread",
                Against = "Bogus Faker<T>, six rules, users alone",
                Target = "at least 30, nothing allocated per row",
                Figure = ratio.ToString(),
                Spread = ratio.Spread,
                Verdict = ratio.Value >= Target && bytesPerRow.Median < TargetBytesPerRow ? Verdict.Met : Verdict.Missed,
                Details = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{1 / series[0].Median:N0} against {1 / series[1].Median:N0} rows/s; {bytesPerRow.Median:0.000} bytes allocated per row"),
            },
        ];
    }

    /// <summary>Wiring the generators counts: a batch does it, too.</summary>
    private static double OurSecondsPerRow(ShopRows rows, Series bytesPerRow)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var begin = System.Diagnostics.Stopwatch.GetTimestamp();
        using (var mixed = new MixedRows(rows))
        {
            mixed.MakeAll();
        }

        var seconds = System.Diagnostics.Stopwatch.GetElapsedTime(begin).TotalSeconds;
        bytesPerRow.Add([(GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)rows.Total]);
        return seconds / rows.Total;
    }

    /// <summary>One after the other, as they would be written away: a list of them all would cost Bogus memory it need not have.</summary>
    private static Task MakeUsers(Bogus.Faker<BogusUser> faker, int users)
    {
        for (var user = 0; user < users; user++)
        {
            faker.Generate();
        }

        return Task.CompletedTask;
    }
}
