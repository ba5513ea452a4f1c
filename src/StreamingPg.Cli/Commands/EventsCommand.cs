using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Analytics;

namespace StreamingPg.Cli.Commands;

/// <summary>Shows when the events of a table happened, and how late they were loaded.</summary>
internal static class EventsCommand
{
    public static Command Create()
    {
        var command = new StreamingCommand(
            "events",
            "Counts events by hour of the week, over time or by lateness.",
            "events",
            "events --table transactions --by Lateness",
            "events --by Time --since 2026-01-01 --json");
        DatabaseOptions.AddTo(command, ConnectionPurpose.Analysis);
        var table = new Option<string?>("--table") { Description = "Table of the events [default: the largest with a row timestamp]", HelpName = "name" };
        var by = new Option<EventTimeGrouping>("--by") { Description = "What events are counted by: Weekday, Time or Lateness" };
        command.AddOptions(table, by);
        var analytics = AnalyticsOptionGroup.AddTo(command, "events", "the row timestamp");
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            await using var connection = DatabaseOptions.Connect(parsed);
            var grouping = parsed.GetValue(by);
            output.Write(
                await EventTimeReader.ReadAsync(connection, model, parsed.GetValue(table), grouping, analytics.Read(parsed), cancellationToken).ConfigureAwait(false),
                Columns(grouping));
            return ExitCode.Done;
        });
        return command;
    }

    private static TextTable<EventTimeCount> Columns(EventTimeGrouping grouping)
    {
        var columns = new TextTable<EventTimeCount>().Text("table", count => count.Table).Text("when (UTC)", count => count.Group);
        if (grouping == EventTimeGrouping.Weekday)
        {
            columns.Text("0h    6h    12h   18h", count => DisplayText.Sparkline(count.Hours.Select(hour => (double)hour)));
        }

        columns.Number("events", count => DisplayText.Count(count.Events));
        return grouping == EventTimeGrouping.Time
            ? columns.Number("loaded", count => count.Loaded is { } loaded ? DisplayText.Count(loaded) : "")
            : columns;
    }
}
