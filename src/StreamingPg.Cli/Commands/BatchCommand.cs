using System.CommandLine;
using System.Globalization;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Cli.Commands;

/// <summary>Generates, loads, verifies and commits one batch.</summary>
internal static class BatchCommand
{
    private static readonly Option<bool> Resume = new("--resume")
    {
        Description = "Resume the batch of --batch-id: load its remaining chunks from the plan in the ledger",
    };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "batch",
            "Generates, loads, verifies and commits one batch: all of it or nothing. "
                + "Exports metrics and traces by OTLP if OTEL_EXPORTER_OTLP_ENDPOINT is set.",
            "batch",
            "batch --metadata examples/shop.json --rows products=20 orders=50",
            "batch --users 100 --transactions 500 --details 1000 --seed 42",
            "batch --users 100000 --transactions 300000 --details 1000000 --parallel 2 --statistics --json")
        {
            CommitsWork = true,
        };
        var load = LoadOptions.AddTo(command, BatchOptions.DefaultMaxRetry);
        command.AddOptions(SharedOptions.BatchId, Resume, SharedOptions.WhatIf);
        DatabaseOptions.AddTo(command, ConnectionPurpose.Batch);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            ValuePools.Prepare(parsed.GetValue(RowOptions.Locale)!);
            var model = DatabaseOptions.ReadModel(parsed);
            var options = load.Read(parsed, model) with { BatchId = parsed.GetValue(SharedOptions.BatchId), Resume = parsed.GetValue(Resume) };
            await using var connection = DatabaseOptions.Connect(parsed);
            if (parsed.GetValue(SharedOptions.WhatIf))
            {
                options.Check(model);
                return output.WhatIf(BatchRows.Describe(model, options, connection));
            }

            using var events = LoadOptions.OpenEvents(parsed);
            await using var export = OtlpExport.Start(EventOutput.Warn);
            using var progress = ProgressLine.ForTerminal();
            var result = await BatchRunner.RunAsync(
                connection, model, options, progress, events, cancellationToken, cancellationToken).ConfigureAwait(false);
            Write(result, output);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Writes the result of a batch.</summary>
    public static void Write(BatchResult result, ResultWriter output)
    {
        output.Write(
            result,
            ("batch", $"{result.BatchNumber} ({result.BatchId})" + (result.AlreadyLoaded ? ", already loaded; nothing was done" : "")),
            ("rows", string.Join(", ", result.Tables.Select(table => $"{table.Table} +{DisplayText.Count(table.Rows)}"))),
            ("time", $"{DisplayText.Duration(result.Duration)}, {DisplayText.Rate(result.RowsPerSecond)} rows/s"),
            ("of which", $"generate {DisplayText.Duration(result.GenerateTime)}, load {DisplayText.Duration(result.LoadTime)}, "
                + $"verify {DisplayText.Duration(result.VerifyTime)}, commit {DisplayText.Duration(result.CommitTime)}"),
            ("connections", result.Connections > 1 ? $"{result.Connections}, whose times are added up above" : null),
            ("late", result.LateRows == 0 ? null : $"{DisplayText.Count(result.LateRows)} rows"),
            ("retries", result.Retries == 0 ? null : $"{result.Retries}"),
            ("foreign keys", $"by {result.ForeignKeyCheck}: {result.ForeignKeyCheckReason}"),
            ("limit", result.Statistics?.ToString()),
            ("seed", $"{result.Seed}"),
            ("reference time", string.Create(CultureInfo.InvariantCulture, $"{result.ReferenceTime:yyyy-MM-dd'T'HH:mm:ss.FFFFFF}Z")),
            ("server", result.Server));
    }
}
