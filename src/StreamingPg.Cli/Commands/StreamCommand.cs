using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Dashboard;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;
using StreamingPg.Core.Streaming;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Cli.Commands;

/// <summary>Loads batch after batch on a schedule, until a limit is reached or a signal comes.</summary>
internal static class StreamCommand
{
    private static readonly Option<TimeSpan?> Interval = DurationOption.Create(
        "--interval", $"Interval between batches, such as 10s [default: {StreamOptions.DefaultInterval}]");

    private static readonly Option<double?> BatchesPerSecond = new("--batches-per-second")
    {
        Description = "Pace, instead of --interval",
        HelpName = "number",
    };

    private static readonly Option<double?> RowsPerSecond = new("--rows-per-second")
    {
        Description = "Rate in rows per second over all tables, instead of --interval",
        HelpName = "number",
    };

    private static readonly Option<StreamArrival> Arrival = new("--arrival")
    {
        Description = "Batches at equal intervals, or at random intervals with the same average rate",
    };

    private static readonly Option<CatchUp> Missed = new("--catch-up")
    {
        Description = "Whether missed batches are skipped, or run as soon as possible",
    };

    private static readonly Option<long?> MaxBatches = NumberOption.Create("--max-batches", "Stop after this many batches", 1L);

    private static readonly Option<long?> MaxRows = NumberOption.Create("--max-rows", "Stop after the batch that reaches this many rows", 1L);

    private static readonly Option<DateTime?> Until = InstantOption.Create(
        "--until", "Start no batch after this time, such as 2026-01-31T12:00:00Z (local without a zone)");

    private static readonly Option<TimeSpan?> Retention = DurationOption.Create(
        "--retention", "Remove rows older than this while streaming, such as 30d");

    private static readonly Option<bool> Dashboard = new("--dashboard") { Description = "Also serve a live page of the stream; its link is written to standard error" };

    private static readonly Option<bool> AllowControl = new("--allow-control") { Description = "Let the page pause, resume and stop the stream" };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "stream",
            "Loads batch after batch on a schedule that does not drift, until a limit is reached; stops cleanly at SIGINT, SIGTERM and SIGHUP. "
                + "Exports metrics and traces by OTLP if OTEL_EXPORTER_OTLP_ENDPOINT is set.",
            "stream --interval 10s --log-path /var/log/streamingpg.jsonl",
            "stream --rows-per-second 5000 --arrival Poisson --duration 1h --json",
            "stream --interval 10s --dashboard --allow-control")
        {
            CommitsWork = true,
        };
        command.AddOptions(
            Interval, BatchesPerSecond, RowsPerSecond, Arrival, Missed, MaxBatches, MaxRows, SharedOptions.Duration, Until,
            Retention, SharedOptions.ForceRetention, Dashboard, SharedOptions.ListenPort, AllowControl, SharedOptions.WhatIf);
        command.Check(static result =>
        {
            if (!result.GetValue(Dashboard) && (result.GetValue(AllowControl) || result.GetValue(SharedOptions.ListenPort) is not null))
            {
                result.AddError("--allow-control and --listen-port need --dashboard.");
            }
        });
        var load = LoadOptions.AddTo(command, StreamOptions.DefaultMaxRetry);
        DatabaseOptions.AddTo(command, ConnectionPurpose.Stream, ConnectionPurpose.Retention);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            await using var connection = DatabaseOptions.Connect(parsed);
            if (parsed.GetValue(SharedOptions.WhatIf))
            {
                var options = Options(parsed, model, load).For(model);
                options.Batch.Check(model);
                return output.WhatIf(string.Create(
                    CultureInfo.InvariantCulture, $"{BatchRows.Describe(model, options.Batch, connection)}, {options.Rate:0.####} times per second"));
            }

            using var events = LoadOptions.OpenEvents(parsed);
            await using var export = OtlpExport.Start(EventOutput.Warn);
            await using var dashboard = await StartDashboardAsync(parsed, connection, model, cancellationToken).ConfigureAwait(false);
            var runner = new StreamRunner(connection, model, Options(parsed, model, load), events, progress: null);
            await RunAsync(runner, output, cancellationToken).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<DashboardServer?> StartDashboardAsync(
        ParseResult parsed, DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        if (!parsed.GetValue(Dashboard))
        {
            return null;
        }

        var options = new DashboardOptions { Port = parsed.GetValue(SharedOptions.ListenPort), AllowControl = parsed.GetValue(AllowControl) };
        var server = await DashboardServer.StartAsync(connection.Copy(), model, options, cancellationToken).ConfigureAwait(false);
        ErrorOutput.WriteLine($"streamingpg: dashboard: {server.Link}");
        return server;
    }

    private static async Task RunAsync(StreamRunner runner, ResultWriter output, CancellationToken cancellationToken)
    {
        // A closed terminal is a reason to stop in good order, too.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var hangUp = OperatingSystem.IsWindows()
            ? null
            : PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
            {
                signal.Cancel = true;
                stop.Cancel();
            });
        try
        {
            await foreach (var result in runner.RunAsync(stop.Token).ConfigureAwait(false))
            {
                output.WriteLine(result, Line(result));
            }
        }
        finally
        {
            var summary = runner.Summary;
            output.WriteLine(summary, $"{summary}");
        }
    }

    private static string Line(BatchResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"{result.CommittedAt:yyyy-MM-dd HH:mm:ss.fff}Z batch {result.BatchNumber}: +{DisplayText.Count(result.TotalRows)} rows in "
        + $"{DisplayText.Duration(result.Duration)}{(result.Retries > 0 ? $", retries {result.Retries}" : "")}");

    private static StreamOptions Options(ParseResult parsed, StreamModel model, LoadOptions load) => new()
    {
        Batch = load.Read(parsed, model),
        Interval = parsed.GetValue(Interval),
        BatchesPerSecond = parsed.GetValue(BatchesPerSecond),
        RowsPerSecond = parsed.GetValue(RowsPerSecond),
        Arrival = parsed.GetValue(Arrival),
        CatchUp = parsed.GetValue(Missed),
        MaxBatches = parsed.GetValue(MaxBatches),
        MaxRows = parsed.GetValue(MaxRows),
        Duration = parsed.GetValue(SharedOptions.Duration),
        Until = parsed.GetValue(Until),
        Retention = parsed.GetValue(Retention),
        Force = parsed.GetValue(SharedOptions.ForceRetention),
    };
}
