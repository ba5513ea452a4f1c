using StreamingPg.Bench.Measuring;
using StreamingPg.Core.Connections;

namespace StreamingPg.Bench.Rows;

/// <summary>Warm small batches, one after the other, as contenders.</summary>
internal static class SmallBatches
{
    // .NET compiles what runs often again, optimised, on a thread of its own; with two cores that takes hundreds of batches, and
    // until then it takes a core from the server (client processor time per batch: 6 ms after 100 batches, 2.4 ms after 1,500).
    private const int WarmUp = 1500;

    /// <summary>Loads enough small batches that code, connection and plans are warm.</summary>
    public static async Task WarmUpAsync(BenchContext context, DatabaseConnection connection, CancellationToken cancellationToken)
    {
        for (var batch = 0; batch < WarmUp; batch++)
        {
            await LoadAsync(context, connection, cancellationToken);
        }
    }

    /// <summary>A contender whose samples are the seconds of each batch.</summary>
    public static Contender Contender(
        string name, BenchContext context, DatabaseConnection connection, Func<CancellationToken, Task> prepare) =>
        new(name, prepare, async cancellationToken =>
        {
            var samples = new double[context.Scale.SmallBatchesPerRound];
            for (var batch = 0; batch < samples.Length; batch++)
            {
                samples[batch] = await Measuring.Contender.SecondsAsync(
                    stop => LoadAsync(context, connection, stop), cancellationToken);
            }

            return samples;
        });

    /// <summary>A latency as text.</summary>
    public static string Milliseconds(Series seconds) => DisplayText.Duration(TimeSpan.FromSeconds(seconds.Median));

    private static Task<BatchResult> LoadAsync(BenchContext context, DatabaseConnection connection, CancellationToken cancellationToken) =>
        context.LoadAsync(connection, BenchScale.SmallBatch, parallel: 1, check: null, cancellationToken);
}
