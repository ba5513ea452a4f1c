using System.Globalization;
using StreamingPg.Bench.Measuring;
using StreamingPg.Core.Model;

namespace StreamingPg.Bench.Rows;

/// <summary>Row 19: CSV files of three tables that refer to each other, imported one after the other, against psql's \copy of the same files.</summary>
internal sealed class ImportBenchmark : IBenchmark
{
    private const string Schema = "bench_import";
    private const double BytesPerMegabyte = 1 << 20;

    public IReadOnlyList<int> Rows => [19];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rows = ShopRows.OfTotal(context.Scale.FileRows.Total / 2);
        var server = context.Server;
        await using var connection = await server.MakeSchemaAsync(Schema, cancellationToken);
        await context.LoadAsync(connection, rows, parallel: 2, check: null, cancellationToken);
        foreach (var table in BenchServer.Tables)
        {
            await server.ExecuteAsync($"COPY {Identifier.Quote(Schema, table)} TO {Identifier.Literal(FileOf(table))} CSV HEADER", cancellationToken);
        }

        var memory = 0.0;
        var series = await SideBySide.RunAsync(
            context.Scale.FileRounds,
            [
                new Contender("import", stop => server.EmptyAsync(Schema, stop), async stop => [await ImportAsync(stop)]),
                new Contender(@"psql \copy from", stop => server.EmptyAsync(Schema, stop), async stop => [await CopyAsync(stop)]),
            ],
            cancellationToken);
        return
        [
            Finding.AtLeast(
                2,
                19,
                $"streamingpg import of {rows.Total.ToString("N0", CultureInfo.InvariantCulture)} rows of CSV into three tables, one after the other",
                @"psql \copy from the same files, foreign keys by trigger",
                Ratio.Of(series[1], series[0]),
                $"{Seconds(series[0])} against {Seconds(series[1])}; peak memory {memory.ToString("0", CultureInfo.InvariantCulture)} MB"),
        ];

        string FileOf(string table) => Path.Combine(server.RowFolder, table + ".csv");

        async Task<double> ImportAsync(CancellationToken stop)
        {
            var seconds = 0.0;
            foreach (var table in BenchServer.Tables)
            {
                var process = await ChildProcess.RunAsync(
                    ProductFiles.CommandLine, ["import", "--table", table, "--path", FileOf(table)], server.ForStreamingPg(Schema), stop);
                seconds += process.Elapsed.TotalSeconds;
                memory = Math.Max(memory, process.PeakBytes / BytesPerMegabyte);
            }

            return seconds;
        }

        async Task<double> CopyAsync(CancellationToken stop) => (await ChildProcess.RunAsync(
            server.Program("psql"),
            ["--no-psqlrc", "--quiet", .. BenchServer.Tables.SelectMany(table => new[] { "--command", $@"\copy {table} from '{FileOf(table)}' csv header" })],
            server.ForPostgresPrograms(Schema),
            stop)).Elapsed.TotalSeconds;
    }

    private static string Seconds(Series seconds) => DisplayText.Duration(TimeSpan.FromSeconds(seconds.Median));
}
