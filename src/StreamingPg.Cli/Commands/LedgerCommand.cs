using System.CommandLine;
using System.Globalization;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Ledger;

namespace StreamingPg.Cli.Commands;

/// <summary>Lists the batches that the ledger has, or sums them up.</summary>
internal static class LedgerCommand
{
    private static readonly Option<int?> Last = NumberOption.Create("--last", "Show only this many of the latest batches [default: all]", 1);
    private static readonly Option<DateTime?> Since = SharedOptions.Since("batches", "the time of their commit");
    private static readonly Option<DateTime?> Until = SharedOptions.Until("batches");
    private static readonly Option<LedgerStatus?> Status = new("--status") { Description = "Only batches with this status" };
    private static readonly Option<bool> Summary = new("--summary") { Description = "Summarize the batches by hour or day" };
    private static readonly Option<LedgerPeriod> Per = new("--per") { Description = "Period of one summary row" };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "ledger",
            "Lists the committed batches and imports, or summarizes them by hour or day.",
            "ledger --last 5",
            "ledger --summary --per Day --since 2026-01-01 --json");
        command.AddOptions(Last, Since, Until, Status, SharedOptions.BatchId, Summary, Per, SharedOptions.StatementTimeout);
        DatabaseOptions.AddConnectionTo(command, ConnectionPurpose.Ledger);
        command.Check(result =>
        {
            if (result.GetResult(Per) is { Implicit: false } && !result.GetValue(Summary))
            {
                result.AddError("--per needs --summary.");
            }
        });
        command.Run(async (parsed, output, cancellationToken) =>
        {
            await using var connection = DatabaseOptions.Connect(parsed);
            if (parsed.GetValue(Summary))
            {
                var periods = await LedgerSummaryReader.ReadAsync(
                    connection, Filter(parsed), parsed.GetValue(Per), cancellationToken).ConfigureAwait(false);
                output.Write(periods, SummaryTable);
            }
            else
            {
                var batches = await LedgerReader.ReadAsync(connection, Filter(parsed), cancellationToken).ConfigureAwait(false);
                output.Write(batches, ListTable);
                foreach (var batch in batches.Where(batch => batch.Status == LedgerStatus.Incomplete))
                {
                    output.Say($"Batch {batch.BatchNumber} lacks chunks {string.Join(", ", batch.MissingChunks)} of {batch.Chunks}: "
                        + $"{DisplayText.Tables(batch.MissingRows)}. Resume it (batch --batch-id {batch.BatchId} --resume), or close it (close --batch-id {batch.BatchId}).");
                }
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static LedgerFilter Filter(ParseResult parsed) => new()
    {
        Last = parsed.GetValue(Last),
        Since = parsed.GetValue(Since),
        Until = parsed.GetValue(Until),
        Status = parsed.GetValue(Status),
        BatchId = parsed.GetValue(SharedOptions.BatchId),
        StatementTimeout = parsed.GetValue(SharedOptions.StatementTimeout),
    };

    private static TextTable<LedgerEntry> ListTable => new TextTable<LedgerEntry>()
        .Number("number", entry => entry.BatchNumber.ToString(CultureInfo.InvariantCulture))
        .Text("batch", entry => $"{entry.BatchId}")
        .Text("kind", entry => entry.Kind)
        .Text("status", entry => $"{entry.Status}")
        .Number("rows", entry => DisplayText.Count(entry.TotalRows))
        .Number("retries", entry => DisplayText.Count(entry.Retries))
        .Text("committed", entry => DisplayText.Instant(entry.CommittedAt));

    private static TextTable<LedgerSummary> SummaryTable => new TextTable<LedgerSummary>()
        .Text("from", period => DisplayText.Instant(period.Start))
        .Number("batches", period => DisplayText.Count(period.Batches))
        .Number("incomplete", period => DisplayText.Count(period.Incomplete))
        .Number("retries", period => DisplayText.Count(period.Retries))
        .Number("rows", period => DisplayText.Count(period.Rows))
        .Number("rows/s", period => DisplayText.Rate(period.RowsPerSecond))
        .Number("p50", period => DisplayText.Duration(period.P50Latency))
        .Number("p95", period => DisplayText.Duration(period.P95Latency))
        .Number("p99", period => DisplayText.Duration(period.P99Latency));
}
