using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Model;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Cli.Commands;

/// <summary>Fills the past, in order and at bulk speed, up to where a stream goes on.</summary>
internal static class BackfillCommand
{
    private static readonly Option<TimeSpan?> History = DurationOption.Create("--history", "Length of the history, such as 90d");

    private static readonly Option<DateTime?> Until = InstantOption.Create(
        "--until", "End of the history, such as 2026-01-31T12:00:00Z (local without a zone) [default: now]");

    private static readonly Option<GrowthCurve> Growth = new("--growth") { Description = "How the rate of events grew" };

    private static readonly Option<double> GrowthFactor = NumberOption.WithDefault(
        "--growth-factor", "Rate at the end divided by that at the beginning", HistoryModel.DefaultGrowthFactor, 1.0, HistoryModel.MaxGrowthFactor);

    private static readonly Option<double> Churn = NumberOption.WithDefault("--churn", "Share of the people who leave within 30 days", 0.0, 0.0, HistoryModel.MaxChurn);

    private static readonly Option<TimeSpan?> Interval = DurationOption.Create(
        "--interval", "Interval of the stream that follows: its batches so far are loaded [default: 1m if no rows are requested]");

    private static readonly Option<double?> BatchesPerSecond = new("--batches-per-second")
    {
        Description = "Pace of that stream, instead of --interval",
        HelpName = "number",
    };

    static BackfillCommand() => History.Required = true;

    public static Command Create()
    {
        var command = new StreamingCommand(
            "backfill",
            "Fills the past with a growing history, in the order of time and at bulk speed. A stream that starts within a day goes on at its end.",
            "backfill --history 90d --users 300000 --transactions 1000000 --details 3300000 --growth Linear",
            "backfill --history 30d --interval 10s --rate-pattern Shop --growth Exponential --growth-factor 4 --churn 0.05")
        {
            CommitsWork = true,
        };
        command.AddOptions(History, Until, Growth, GrowthFactor, Churn, Interval, BatchesPerSecond);
        var load = LoadOptions.AddToHistory(command);
        command.AddOptions(SharedOptions.BatchId, SharedOptions.WhatIf);
        DatabaseOptions.AddTo(command, ConnectionPurpose.Batch);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            var batch = load.Read(parsed, model) with { BatchId = parsed.GetValue(SharedOptions.BatchId), Parallel = BatchOptions.DefaultConnections };
            var options = Options(parsed).Of(model, batch);
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
            BatchCommand.Write(result, output);
            return ExitCode.Done;
        });
        return command;
    }

    private static HistoryOptions Options(ParseResult parsed) => new()
    {
        Length = parsed.GetValue(History)!.Value,
        Until = parsed.GetValue(Until),
        Growth = parsed.GetValue(Growth),
        GrowthFactor = parsed.GetValue(GrowthFactor),
        Churn = parsed.GetValue(Churn),
        Interval = parsed.GetValue(Interval),
        BatchesPerSecond = parsed.GetValue(BatchesPerSecond),
    };
}
