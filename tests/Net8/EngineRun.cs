using System.Security.Cryptography;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Export;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Report;
using StreamingPg.Core.Schema;

namespace StreamingPg.Tests.Net8;

/// <summary>What the engine does for most users, and what came of it, a line each: the same on every .NET.</summary>
internal static class EngineRun
{
    public static async IAsyncEnumerable<string> RunAsync(DatabaseConnection connection, string folder)
    {
        var model = MetadataReader.Default;
        var options = new BatchOptions
        {
            Rows = new Dictionary<string, long> { ["users"] = 500, ["transactions"] = 1500, ["detailed_transactions"] = 4000 },
            Seed = 42,
            ReferenceTime = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        };
        var steps = await SchemaInitializer.InitializeAsync(connection, model, planOnly: false, CancellationToken.None);
        yield return $"{steps.Count(step => step.Action == SchemaAction.Created)} objects created";

        var batch = await BatchRunner.RunAsync(connection, model, options, progress: null, CancellationToken.None);
        yield return $"{batch.TotalRows} rows loaded";

        var checks = new List<IntegrityResult>();
        await foreach (var check in IntegrityChecker.CheckAsync(connection, model, CancellationToken.None))
        {
            checks.Add(check);
        }

        yield return $"{checks.Count} checks: {IntegrityChecker.Verdict(checks)}";

        Directory.CreateDirectory(folder);
        var report = Path.Combine(folder, "report.html");
        await ReportExporter.ExportAsync(connection, model, new ReportOptions(), report, overwrite: true, progress: null, CancellationToken.None);
        yield return $"report: {File.ReadAllText(report).Contains("</html>", StringComparison.Ordinal)}";

        foreach (var format in Enum.GetValues<ExportFormat>())
        {
            var export = new ExportOptions { Folder = Path.Combine(folder, $"{format}"), Format = format };
            await foreach (var file in DataExporter.GenerateAsync(model, options, export, connection.Schema, progress: null, CancellationToken.None))
            {
                // A Parquet file names the library that wrote it; the others have nothing but the rows.
                var hash = format == ExportFormat.Parquet ? "" : Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file.Path)));
                yield return $"{format} {file.Table}: {file.Rows} rows {hash}";
            }
        }
    }
}
