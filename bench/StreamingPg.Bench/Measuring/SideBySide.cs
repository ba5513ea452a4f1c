using System.Globalization;

namespace StreamingPg.Bench.Measuring;

/// <summary>Measures contenders in turns, so that whatever changes on the machine meanwhile changes it for all of them.</summary>
internal static class SideBySide
{
    /// <summary>Runs <paramref name="rounds"/> rounds of every contender: first, second, first, second ...</summary>
    /// <returns>One series per contender, in their order.</returns>
    public static async Task<IReadOnlyList<Series>> RunAsync(
        int rounds, IReadOnlyList<Contender> contenders, CancellationToken cancellationToken)
    {
        Series[] series = [.. contenders.Select(_ => new Series())];
        for (var round = 1; round <= rounds; round++)
        {
            for (var index = 0; index < series.Length; index++)
            {
                var contender = contenders[index];
                await contender.Prepare(cancellationToken);
                CollectGarbage();
                var samples = await contender.Measure(cancellationToken);
                series[index].Add(samples);
                Log.Write(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {round}/{rounds} {contender.Name}: {series[index].RoundMedians[^1]:G4}"));
            }
        }

        return series;
    }

    /// <summary>One contender must not pay for what the other left behind.</summary>
    private static void CollectGarbage()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
