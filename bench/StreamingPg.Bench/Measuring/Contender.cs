using System.Diagnostics;

namespace StreamingPg.Bench.Measuring;

/// <summary>One side of a comparison.</summary>
/// <param name="Name">Name for the progress lines.</param>
/// <param name="Prepare">Makes ready for a round; not measured.</param>
/// <param name="Measure">Runs a round and returns its samples.</param>
internal sealed record Contender(
    string Name,
    Func<CancellationToken, Task> Prepare,
    Func<CancellationToken, Task<IReadOnlyList<double>>> Measure)
{
    /// <summary>A contender whose rounds are one sample each: the seconds that <paramref name="work"/> takes.</summary>
    public static Contender Timed(string name, Func<CancellationToken, Task> prepare, Func<CancellationToken, Task> work) =>
        new(name, prepare, async cancellationToken => [await SecondsAsync(work, cancellationToken)]);

    /// <summary>A contender that needs no preparation and gives one sample per round.</summary>
    public static Contender Sampled(string name, Func<CancellationToken, Task<double>> sample) =>
        new(name, _ => Task.CompletedTask, async cancellationToken => [await sample(cancellationToken)]);

    /// <summary>The seconds that some work takes.</summary>
    public static async Task<double> SecondsAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        await work(cancellationToken);
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }
}
