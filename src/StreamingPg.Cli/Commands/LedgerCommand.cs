using System.CommandLine;
using System.Globalization;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Ledger;

namespace StreamingPg.Cli.Commands;

/// <summary>Lists the batches that the ledger has, or sums them up.</summary>
internal static class LedgerCommand
{
    private static readonly Option<int> Last = new Option<int>("--last")
    {
        Description = "At most so many batches, the latest ones [default: all]",
        HelpName = "number",
    }.AtLeast(1);

    private static readonly Option<DateTime?> Since = InstantOption.Create("--since", "Only batches committed at or after this time (local unless it has a zone)");
    private static readonly Option<DateTime?> Until = InstantOption.Create("--until", "Only batches committed before this time (local unless it has a zone)");
    private static readonly Option<LedgerStatus?> Status = new("--status") { Description = "Only batches of this status" };
    private static readonly Option<Guid?> BatchId = new("--batch-id") { Description = "Only this batch", HelpName = "uuid" };
    private static readonly Option<bool> Summary = new("--summary") { Description = "Sum the batches up" };
    private static readonly Option<LedgerPeriod> Per = new("--per") { Description = "One line of the summary for each" };
    private static readonly Option<TimeSpan> StatementTimeout = StatementTimeoutOption.Create();

    public static Command Create()
    {
        var command = new StreamingCommand(
            "ledger",
            "Lists the batches and imports that are committed, or sums them up by hour or day.",
            "ledger --last 5",
            "ledger --summary --per Day --since 2026-01-01 --json");
        foreach (var option in new Option[] { Last, Since, Until, Status, BatchId, Summary, Per, StatementTimeout })
        {
            command.Options.Add(option);
        }

        var database = DatabaseOptions.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(Per) is { Implicit: false } && !result.GetValue(Summary))
            {
                result.AddError("--per is for the summary. Add --summary.");
            }
        });
        command.Run(async (parsed, output, cancellationToken) =>
        {
            await using var connection = database.Connect(parsed);
            if (parsed.GetValue(Summary))
            {
                var periods = await LedgerSummaryReader.ReadAsync(
                    connection, Filter(parsed), parsed.GetValue(Per), cancellationToken).ConfigureAwait(false);
                output.Write(periods, SummaryTable);
            }
            else
            {
                output.Write(await LedgerReader.ReadAsync(connection, Filter(parsed), cancellationToken).ConfigureAwait(false), ListTable);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static LedgerFilter Filter(ParseResult parsed) => new()
    {
        Last = parsed.GetResult(Last) is { Implicit: false } ? parsed.GetValue(Last) : int.MaxValue,
        Since = parsed.GetValue(Since),
        Until = parsed.GetValue(Until),
        Status = parsed.GetValue(Status),
        BatchId = parsed.GetValue(BatchId),
        StatementTimeout = parsed.GetValue(StatementTimeout),
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
