using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Retention;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Cli.Commands;

/// <summary>Removes old rows, children before their parents.</summary>
internal static class PruneCommand
{
    private static readonly Option<TimeSpan?> OlderThan = DurationOption.Create(
        "--older-than", "Removes rows that are older than this, such as 30d [default: the retention of each table in metadata]");

    private static readonly Option<DateTime?> Before = InstantOption.Create(
        "--before", "Removes rows whose own time is before this one (local unless it has a zone), such as 2026-01-31T12:00:00Z");

    private static readonly Option<string[]> Tables = new("--table")
    {
        Description = "Tables to remove rows from [default: all]",
        HelpName = "name",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> ChunkSize = new Option<int>("--chunk-size")
    {
        Description = "Most rows of one transaction",
        HelpName = "number",
        DefaultValueFactory = _ => RetentionOptions.DefaultChunkSize,
    }.AtLeast(1);

    private static readonly Option<double?> MaxRowsPerSecond = new("--max-rows-per-second")
    {
        Description = "Most rows removed per second [default: no limit]",
        HelpName = "number",
    };

    private static readonly Option<int> MaxRetry = new Option<int>("--max-retry")
    {
        Description = "Most repeats of a transaction that failed for a passing reason; 0 fails at once",
        HelpName = "number",
        DefaultValueFactory = _ => BatchOptions.DefaultMaxRetry,
    }.AtLeast(0);

    private static readonly Option<TimeSpan> RetryTimeout = DurationOption.Create(
        "--retry-timeout", "No retry this long after the first failure", BatchOptions.DefaultRetryTimeout, TimeSpan.Zero);

    private static readonly Option<string?> LogPath = new("--log-path")
    {
        Description = "File that gets a JSON line per event",
        HelpName = "file",
    };

    private static readonly Option<bool> WhatIf = new("--what-if") { Description = "Count and remove nothing" };

    private static readonly Option<bool> Force = new("--force") { Description = "Allow a retention of less than a minute" };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "prune",
            "Removes old rows, children before their parents, in short transactions; never one that another row refers to.",
            "prune --older-than 30d --what-if",
            "prune --older-than 30d --max-rows-per-second 5000",
            "prune --metadata metadata.json --json")
        {
            CommitsWork = true,
        };
        foreach (var option in new Option[] { OlderThan, Before, Tables, ChunkSize, MaxRowsPerSecond, MaxRetry, RetryTimeout, LogPath, WhatIf, Force })
        {
            command.Options.Add(option);
        }

        var database = DatabaseOptions.AddTo(command);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = database.ReadModel(parsed);
            var options = Options(parsed);
            using var events = new EventOutput(parsed.GetValue(LogPath) is { } path ? new EventLog(path, EventOutput.Warn) : null);
            await using var connection = database.Connect(parsed);
            var results = parsed.GetValue(WhatIf)
                ? await RetentionRunner.CountAsync(connection, model, options, cancellationToken).ConfigureAwait(false)
                : await RemoveAsync(RetentionRunner.RunAsync(connection, model, options, progress: null, events, cancellationToken)).ConfigureAwait(false);
            output.Write(results, Table(parsed.GetValue(WhatIf)));
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<IReadOnlyList<RemovalResult>> RemoveAsync(IAsyncEnumerable<RemovalResult> removal)
    {
        var results = new List<RemovalResult>();
        await foreach (var result in removal.ConfigureAwait(false))
        {
            results.Add(result);
        }

        return results;
    }

    private static TextTable<RemovalResult> Table(bool countedOnly) => new TextTable<RemovalResult>()
        .Text("table", result => result.Table)
        .Text("before", result => result.Before is null ? "(rows never age)" : DisplayText.Instant(result.Before))
        .Number("examined", result => DisplayText.Count(result.Examined))
        .Number(countedOnly ? "would remove" : "removed", result => DisplayText.Count(result.Removed))
        .Number(countedOnly ? "would keep" : "kept", result => DisplayText.Count(result.Kept))
        .Number("time", result => DisplayText.Duration(result.Duration));

    private static RetentionOptions Options(ParseResult parsed) => new()
    {
        OlderThan = parsed.GetValue(OlderThan),
        Before = parsed.GetValue(Before),
        Tables = parsed.GetValue(Tables) ?? [],
        ChunkSize = parsed.GetValue(ChunkSize),
        MaxRowsPerSecond = parsed.GetValue(MaxRowsPerSecond),
        MaxRetry = parsed.GetValue(MaxRetry),
        RetryTimeout = parsed.GetValue(RetryTimeout),
        Force = parsed.GetValue(Force),
    };
}
