using StreamingPg.Bench.Rows;

namespace StreamingPg.Bench;

/// <summary>One run of the table.</summary>
internal static class BenchRun
{
    /// <summary>Every row, in the order of the table.</summary>
    private static readonly IReadOnlyList<IBenchmark> Benchmarks =
    [
        new BulkLoadBenchmark(),
        new SmallBatchBenchmark(),
        new GrownTablesBenchmark(),
        new PeakMemoryBenchmark(),
        new PipelineBenchmark(),
        new GenerationBenchmark(),
        new StartBenchmark(),
        new IntegrityBenchmark(),
        new GrowthBenchmark(),
        new FirstLoadBenchmark(),
        new LatencyBenchmark(),
        new FullIntegrityBenchmark(),
        new ExportBenchmark(),
        new ImportBenchmark(),
        new ModelLoadBenchmark(),
        new ModelGenerationBenchmark(),
        new ModelMemoryBenchmark(),
        new FreshProcessBenchmark(),
        new RetentionBenchmark(),
        new LayoutBenchmark(),
    ];

    /// <summary>Numbers of all rows.</summary>
    public static IReadOnlyList<int> AllRows { get; } = [.. Benchmarks.SelectMany(benchmark => benchmark.Rows).Distinct().Order()];

    /// <summary>Measures and prints the table.</summary>
    /// <returns>0, or 1 when a measurement failed; a missed target is no failure.</returns>
    public static async Task<int> RunAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        var startedAt = TimeProvider.System.GetUtcNow().UtcDateTime;
        var machine = Machine.Describe();
        Log.Write("Starting the server");
        await using var server = await BenchServer.StartAsync(options.Folder, cancellationToken);
        var (version, settings) = await server.DescribeAsync(cancellationToken);
        await using var context = new BenchContext(options, server);
        var findings = new List<Finding>();
        foreach (var benchmark in Benchmarks.Where(benchmark => benchmark.Rows.Any(context.Wants)))
        {
            Log.Write($"Row {string.Join(", ", benchmark.Rows.Where(context.Wants))}");
            var found = await MeasureAsync(benchmark, context, cancellationToken);
            foreach (var finding in found)
            {
                Log.Write("  " + Report.Line(finding));
            }

            findings.AddRange(found);
        }

        Console.Out.Write(Report.Markdown(options, machine, version, settings, startedAt, findings));
        return findings.Exists(finding => finding.Verdict == Verdict.Failed) ? 1 : 0;
    }

    /// <summary>A benchmark that breaks takes its own rows with it and no others.</summary>
    private static async Task<IReadOnlyList<Finding>> MeasureAsync(
        IBenchmark benchmark, BenchContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await benchmark.RunAsync(context, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.Write(exception.ToString());
            return
            [
                .. benchmark.Rows.Where(context.Wants).Select(row =>
                    new Finding { Row = row, Work = benchmark.GetType().Name, Verdict = Verdict.Failed, Details = exception.Message }),
            ];
        }
    }
}
