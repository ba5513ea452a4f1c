using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Health;

namespace StreamingPg.Cli.Commands;

/// <summary>Looks at what will stop a stream, or has stopped it.</summary>
internal static class HealthCommand
{
    private const int Warning = 1;
    private const int Critical = 2;
    private const int Unknown = 3;

    public static Command Create()
    {
        var command = new StreamingCommand(
            "health",
            "Looks at what will stop a stream, or has stopped it. Ends as monitoring systems expect: 0 when nothing is wrong, "
            + "1 with a warning, 2 when something is critical or the server does not answer. What cannot be found out does not count.",
            "health",
            "health --schedule 10s --threshold FreeDisk=0.2,0.1 --json");
        var schedule = DurationOption.Create(
            "--schedule", "Time from batch to batch [default: the usual one of the latest batches, where they come regularly]");
        var period = DurationOption.Create("--period", "How far rates look back", new HealthOptions().Period, TimeSpan.Zero);
        var statementTimeout = StatementTimeoutOption.Create();
        command.Options.Add(schedule);
        command.Options.Add(period);
        var thresholds = ThresholdOptions.AddTo(command);
        command.Options.Add(statementTimeout);
        var database = DatabaseOptions.AddTo(command);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var options = new HealthOptions
            {
                Schedule = parsed.GetValue(schedule),
                Period = parsed.GetValue(period),
                Thresholds = thresholds.Read(parsed),
                StatementTimeout = parsed.GetValue(statementTimeout),
            };
            var model = database.ReadModel(parsed);
            await using var connection = database.Connect(parsed);
            var results = new List<HealthResult>();
            await foreach (var result in HealthChecker.CheckAsync(connection, model, options, cancellationToken).ConfigureAwait(false))
            {
                results.Add(result);
            }

            Write(output, results);
            return HealthChecker.Verdict(results) switch
            {
                HealthStatus.Critical => Critical,
                HealthStatus.Warning => Warning,
                HealthStatus.Unknown => Unknown,
                _ => ExitCode.Done,
            };
        });
        return command;
    }

    private static void Write(ResultWriter output, List<HealthResult> results)
    {
        output.Write(results, new TextTable<HealthResult>()
            .Text("status", result => $"{result.Status}")
            .Text("check", result => result.Check)
            .Text("object", result => result.Object)
            .Number("value", result => result.ValueText)
            .Text("threshold", result => result.Threshold));
        foreach (var result in results.Where(result => result.Status != HealthStatus.Ok))
        {
            output.Say($"{result.Status} {result.Check} {result.Object}: {result.Advice}");
        }
    }
}
