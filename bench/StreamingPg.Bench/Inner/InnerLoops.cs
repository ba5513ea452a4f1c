using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using Perfolizer.Horology;

namespace StreamingPg.Bench.Inner;

/// <summary>How the inner loops are measured.</summary>
internal static class InnerLoops
{
    private const double IterationMilliseconds = 200;
    private const int MaxIterations = 20;

    /// <summary>BenchmarkDotNet's defaults with shorter and fewer iterations: the loops take nanoseconds, not milliseconds.</summary>
    public static IConfig Config { get; } = DefaultConfig.Instance.AddJob(
        Job.Default
            .WithIterationTime(TimeInterval.FromMilliseconds(IterationMilliseconds))
            .WithMaxIterationCount(MaxIterations)
            .AsDefault());
}
