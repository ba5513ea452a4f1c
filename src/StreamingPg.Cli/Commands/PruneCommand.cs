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
        "--older-than", "Remove rows older than this, such as 30d [default: the retention of each table in the metadata]");

    private static readonly Option<DateTime?> Before = InstantOption.Create(
        "--before", "Remove rows dated before this time, such as 2026-01-31T12:00:00Z (local without a zone)");

    private static readonly Option<int> ChunkSize = SharedOptions.ChunkSize(RetentionOptions.DefaultChunkSize);

    private static readonly Option<double?> MaxRowsPerSecond = new("--max-rows-per-second")
    {
        Description = "Maximum rows removed per second [default: no limit]",
        HelpName = "number",
    };

    private static readonly Option<int> MaxRetry = SharedOptions.MaxRetry(BatchOptions.DefaultMaxRetry);

    public static Command Create()
    {
        var command = new StreamingCommand(
            "prune",
            "Removes old rows, children before their parents, in short transactions; never a row that another row refers to.",
            "prune --older-than 30d --what-if",
            "prune --older-than 30d --max-rows-per-second 5000",
            "prune --metadata metadata.json --json")
        {
            CommitsWork = true,
        };
        command.AddOptions(
            OlderThan, Before, SharedOptions.Tables, ChunkSize, MaxRowsPerSecond, MaxRetry, SharedOptions.RetryTimeout, SharedOptions.LogPath,
            SharedOptions.WhatIf, SharedOptions.ForceRetention);
        DatabaseOptions.AddTo(command, ConnectionPurpose.Retention);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            var options = Options(parsed);
            using var events = LoadOptions.OpenEvents(parsed);
            await using var connection = DatabaseOptions.Connect(parsed);
            var results = parsed.GetValue(SharedOptions.WhatIf)
                ? await RetentionRunner.CountAsync(connection, model, options, cancellationToken).ConfigureAwait(false)
                : await RemoveAsync(RetentionRunner.RunAsync(connection, model, options, progress: null, events, cancellationToken)).ConfigureAwait(false);
            output.Write(results, Table(parsed.GetValue(SharedOptions.WhatIf)));
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
        .Text("before", result => result.Before is null ? "(no retention)" : DisplayText.Instant(result.Before))
        .Number("examined", result => DisplayText.Count(result.Examined))
        .Number(countedOnly ? "would remove" : "removed", result => DisplayText.Count(result.Removed))
        .Number(countedOnly ? "would keep" : "kept", result => DisplayText.Count(result.Kept))
        .Number("time", result => DisplayText.Duration(result.Duration));

    private static RetentionOptions Options(ParseResult parsed) => new()
    {
        OlderThan = parsed.GetValue(OlderThan),
        Before = parsed.GetValue(Before),
        Tables = parsed.GetValue(SharedOptions.Tables) ?? [],
        ChunkSize = parsed.GetValue(ChunkSize),
        MaxRowsPerSecond = parsed.GetValue(MaxRowsPerSecond),
        MaxRetry = parsed.GetValue(MaxRetry),
        RetryTimeout = parsed.GetValue(SharedOptions.RetryTimeout),
        Force = parsed.GetValue(SharedOptions.ForceRetention),
    };
}
