using System.CommandLine;
using System.Globalization;
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
            "Finds what has stopped a stream, or soon will. Exit codes as monitoring systems expect: 0 if all is well, "
            + "1 for a warning, 2 if something is critical or the server does not answer. Unknown results do not count.",
            "health",
            "health --schedule 10s --threshold FreeDisk=0.2,0.1 --json");
        var schedule = DurationOption.Create(
            "--schedule", "Interval between batches [default: the usual interval of the latest batches, if they are regular]");
        var period = SharedOptions.Period(HealthOptions.DefaultPeriod);
        command.AddOptions(
            schedule, period, ThresholdOptions.File, ThresholdOptions.Single, SharedOptions.StatementTimeout, SharedOptions.Detailed);
        DatabaseOptions.AddTo(command, ConnectionPurpose.Health);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var options = new HealthOptions
            {
                Schedule = parsed.GetValue(schedule),
                Period = parsed.GetValue(period),
                Thresholds = ThresholdOptions.Read(parsed),
                StatementTimeout = parsed.GetValue(SharedOptions.StatementTimeout),
            };
            var model = DatabaseOptions.ReadModel(parsed);
            await using var connection = DatabaseOptions.Connect(parsed);
            var results = new List<HealthResult>();
            await foreach (var result in HealthChecker.CheckAsync(connection, model, options, cancellationToken).ConfigureAwait(false))
            {
                results.Add(result);
            }

            Write(output, results, parsed.GetValue(SharedOptions.Detailed));
            output.Say(HealthChecker.Summary(results, $"{connection}"));
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

    private static void Write(ResultWriter output, List<HealthResult> results, bool isDetailed)
    {
        output.WriteFindings(results, result => isDetailed || result.Status != HealthStatus.Ok, new TextTable<HealthResult>()
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

/// <summary>The options that say from which values on health checks warn.</summary>
internal static class ThresholdOptions
{
    /// <summary>A file of thresholds.</summary>
    public static readonly Option<FileInfo> File = new Option<FileInfo>("--threshold-path", "--threshold-file")
    {
        Description = "JSON file with thresholds, such as {\"Connections\": [0.7, 0.9]}",
        HelpName = "file",
    }.AcceptExistingOnly();

    /// <summary>Single thresholds.</summary>
    public static readonly Option<(string Name, double Warning, double Critical)[]> Single = new("--threshold")
    {
        Description = "Thresholds for a warning and for critical, such as Connections=0.7,0.9; can be repeated",
        HelpName = "check=number,number",
        CustomParser = result =>
        {
            var parsed = result.Tokens.Select(token => (Token: token.Value, Value: Parse(token.Value))).ToList();
            foreach (var (token, _) in parsed.Where(threshold => threshold.Value is null))
            {
                result.AddError($"--threshold '{token}' does not have the form Connections=0.7,0.9.");
            }

            return [.. parsed.Select(threshold => threshold.Value ?? default)];
        },
    };

    /// <summary>What was requested; single values go before those of the file.</summary>
    public static HealthThresholds Read(ParseResult parsed) => (parsed.GetValue(Single) ?? []).Aggregate(
        parsed.GetValue(File) is { } file ? HealthThresholds.Default.Load(file.FullName) : HealthThresholds.Default,
        static (thresholds, one) => thresholds.With(one.Name, one.Warning, one.Critical));

    private static (string Name, double Warning, double Critical)? Parse(string text)
    {
        var parts = text.Split('=', ',');
        return parts.Length == 3
            && double.TryParse(parts[1], CultureInfo.InvariantCulture, out var warning)
            && double.TryParse(parts[2], CultureInfo.InvariantCulture, out var critical)
            ? (parts[0], warning, critical)
            : null;
    }
}
