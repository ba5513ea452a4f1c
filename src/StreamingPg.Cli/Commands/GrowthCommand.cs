using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Growth;

namespace StreamingPg.Cli.Commands;

/// <summary>Shows size and growth of the tables.</summary>
internal static class GrowthCommand
{
    public static Command Create()
    {
        var command = new StreamingCommand(
            "growth",
            "Shows the rows and size of each table, and the rows added by the last batch and in a period.",
            "growth",
            "growth --period 7d",
            "growth --estimate --json");
        DatabaseOptions.AddTo(command, ConnectionPurpose.Growth);
        var period = SharedOptions.Period(GrowthReader.DefaultPeriod);
        command.AddOptions(period, SharedOptions.Estimate);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            await using var connection = DatabaseOptions.Connect(parsed);
            var tables = await GrowthReader.ReadAsync(
                connection, model, parsed.GetValue(period), parsed.GetValue(SharedOptions.Estimate), cancellationToken).ConfigureAwait(false);
            output.Write(tables, new TextTable<TableGrowth>()
                .Text("table", table => table.Table)
                .Number("rows", table => (table.IsEstimate ? "about " : "") + DisplayText.Count(table.Rows) + (table.IsPartlyVisible ? " visible" : ""))
                .Number("last batch", table => "+" + DisplayText.Count(table.LastBatch))
                .Number("in period", table => "+" + DisplayText.Count(table.InPeriod))
                .Number("updated", table => DisplayText.Count(table.UpdatedInPeriod))
                .Number("table size", table => DisplayText.Bytes(table.TableBytes))
                .Number("index size", table => DisplayText.Bytes(table.IndexBytes)));
            if (tables.Where(table => table.IsPartlyVisible).Select(table => table.Table).ToList() is { Count: > 0 } partly)
            {
                output.Say(DisplayText.PartlyVisible(partly));
            }

            return ExitCode.Done;
        });
        return command;
    }
}
