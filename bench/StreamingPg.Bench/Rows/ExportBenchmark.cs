using System.Globalization;
using StreamingPg.Bench.Measuring;

namespace StreamingPg.Bench.Rows;

/// <summary>Row 18: an export of a whole model without a database, against psql's \copy of as many rows from a server.</summary>
internal sealed class ExportBenchmark : IBenchmark
{
    private const string Schema = "bench_export";
    private const double BytesPerMegabyte = 1 << 20;

    public IReadOnlyList<int> Rows => [18];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rows = context.Scale.FileRows;
        await using var connection = await context.Server.MakeSchemaAsync(Schema, cancellationToken);
        await context.LoadAsync(connection, rows, parallel: 2, check: null, cancellationToken);
        await context.Server.SettleAsync(Schema, cancellationToken);
        var folder = Directory.CreateDirectory(Path.Combine(context.Options.Folder, $"streamingpg-export-{Environment.ProcessId}"));
        try
        {
            var memory = new Dictionary<string, double>();
            var series = await SideBySide.RunAsync(
                context.Scale.FileRounds, [Export("Csv"), Export("Parquet"), Copy()], cancellationToken);
            return
            [
                Compare("Csv", 3, series[0]),
                Compare("Parquet", 1, series[1]),
            ];

            Contender Export(string format) => new(
                $"export {format}",
                ClearAsync,
                async stop =>
                {
                    var process = await ChildProcess.RunAsync(
                        ProductFiles.CommandLine,
                        [
                            "export", "--path", folder.FullName, "--format", format, "--users", Text(rows.Users), "--transactions", Text(rows.Transactions),
                            "--details", Text(rows.Details),
                        ],
                        context.Server.ForStreamingPg(Schema),
                        stop);
                    memory[format] = Math.Max(memory.GetValueOrDefault(format), process.PeakBytes / BytesPerMegabyte);
                    return [process.Elapsed.TotalSeconds];
                });

            Contender Copy() => new(
                @"psql \copy to",
                ClearAsync,
                async stop => [(await ChildProcess.RunAsync(
                    context.Server.Program("psql"),
                    [
                        "--no-psqlrc", "--quiet",
                        .. BenchServer.Tables.SelectMany(table => new[]
                        {
                            "--command", $@"\copy {table} to '{Path.Combine(folder.FullName, table)}.csv' csv header",
                        }),
                    ],
                    context.Server.ForPostgresPrograms(Schema),
                    stop)).Elapsed.TotalSeconds]);

            // What the rows' own load and the round before left for the disk is not this one's to wait for.
            async Task ClearAsync(CancellationToken stop)
            {
                foreach (var file in folder.EnumerateFiles())
                {
                    file.Delete();
                }

                await context.Server.CheckpointAsync(stop);
                if (!OperatingSystem.IsWindows())
                {
                    await ChildProcess.RunAsync("sync", [], new Dictionary<string, string>(), stop); // what was deleted, too
                }
            }

            Finding Compare(string format, double target, Series ours) => Finding.AtLeast(
                target,
                18,
                $"streamingpg export --format {format}, {rows.Total.ToString("N0", CultureInfo.InvariantCulture)} rows of three tables",
                @"psql \copy ... to CSV of as many rows",
                Ratio.Of(series[2], ours),
                $"{Seconds(ours)} against {Seconds(series[2])}; peak memory {memory[format].ToString("0", CultureInfo.InvariantCulture)} MB");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Seconds(Series seconds) => DisplayText.Duration(TimeSpan.FromSeconds(seconds.Median));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
