using System.CommandLine;
using System.Diagnostics;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;

namespace StreamingPg.Cli.Commands;

/// <summary>Runs integrity checks.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var command = new StreamingCommand(
            "check",
            "Finds rows that violate referential integrity, uniqueness or a business rule, and wrong sequences. "
            + "Exit code 3: something is broken; 1: a check failed to run, or the role may make none. Violated business rules are warnings.",
            "check",
            "check --schema streaming --json",
            "check --check \"ForeignKey *\"",
            "check --since 2026-01-01 --parallel 4");
        var checks = new Option<string[]>("--check")
        {
            Description = "Name of a check to run, with * as a wildcard; can be repeated [default: all]",
            HelpName = "name",
        };
        var batches = new Option<Guid[]>("--batch-id")
        {
            Description = "Check only rows of this batch of the ledger; can be repeated",
            HelpName = "uuid",
        };
        var since = SharedOptions.Since("rows of batches and imports", "the time of their commit");
        var parallel = NumberOption.WithDefault(
            "--parallel", "Connections that check at the same time", IntegrityOptions.DefaultConnections, 1, BatchOptions.MaxConnections);
        command.AddOptions(checks, batches, since, parallel, SharedOptions.Detailed);
        DatabaseOptions.AddTo(command, ConnectionPurpose.Check);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            await using var connection = DatabaseOptions.Connect(parsed);
            var results = new List<IntegrityResult>();
            var begin = Stopwatch.GetTimestamp();
            var options = new IntegrityOptions
            {
                Checks = parsed.GetValue(checks) ?? [],
                Batches = parsed.GetValue(batches) ?? [],
                Since = parsed.GetValue(since),
                Parallel = parsed.GetValue(parallel),
            };
            await foreach (var result in IntegrityChecker.CheckAsync(connection, model, options, cancellationToken).ConfigureAwait(false))
            {
                results.Add(result);
            }

            var time = Stopwatch.GetElapsedTime(begin);
            output.WriteFindings(
                results,
                result => parsed.GetValue(SharedOptions.Detailed) || result.Status > IntegrityStatus.NothingToCheck,
                new TextTable<IntegrityResult>().Text("result", Verdict).Text("check", result => result.Check));
            foreach (var result in results.Where(result => result.Status >= IntegrityStatus.Unknown))
            {
                output.Say($"{result.Check}: {result.Detail} {string.Join(", ", result.SampleKeys)}".TrimEnd());
            }

            if (results.SelectMany(result => result.PartlyVisible).Distinct().ToList() is { Count: > 0 } partly)
            {
                output.Say(DisplayText.PartlyVisible(partly));
            }

            output.Say(IntegrityChecker.Summary(results, time, $"{connection}"));

            return IntegrityChecker.Verdict(results) switch
            {
                IntegrityStatus.Broken => ExitCode.IntegrityViolated,
                IntegrityStatus.Passed => ExitCode.Done,
                _ => ExitCode.Failed,
            };
        });
        return command;
    }

    private static string Verdict(IntegrityResult result) => result.Status switch
    {
        IntegrityStatus.Passed => "passed",
        IntegrityStatus.NothingToCheck => "nothing to check",
        IntegrityStatus.VisibleRowsOnly => "visible rows only",
        IntegrityStatus.Unknown => "unknown",
        IntegrityStatus.Error => "ERROR",
        _ => $"{(result.Severity == IntegritySeverity.Error ? "BROKEN" : "warning")}: {DisplayText.Count(result.Count)}",
    };
}
