using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Growth;

namespace StreamingPg.Cli.Commands;

/// <summary>Watches the tables grow.</summary>
internal static class WatchCommand
{
    private static readonly Option<TimeSpan> Interval = DurationOption.Create(
        "--interval", "Time between refreshes", WatchOptions.DefaultInterval);

    private static readonly Option<long?> Count = NumberOption.Create("--count", "Stop after this many refreshes", 1L);

    private static readonly Option<bool> Exact = new("--exact") { Description = "Count the rows at each refresh, which reads the tables" };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "watch",
            "Shows the rows, added rows and rate of each table, refreshed continuously. In a terminal it refreshes in place "
            + "until Ctrl+C.",
            "watch",
            "watch --interval 10s --count 6 --json");
        command.AddOptions(Interval, Count, SharedOptions.Duration, Exact);
        DatabaseOptions.AddTo(command, ConnectionPurpose.Growth);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            await using var connection = DatabaseOptions.Connect(parsed);
            var screen = output.IsForTerminal ? new GrowthScreen($"{connection}") : null;
            var options = new WatchOptions
            {
                Interval = parsed.GetValue(Interval),
                Count = parsed.GetValue(Count),
                Duration = parsed.GetValue(SharedOptions.Duration),
                Exact = parsed.GetValue(Exact),
            };
            await foreach (var look in GrowthWatch.WatchAsync(connection, model, options, TimeProvider.System, cancellationToken).ConfigureAwait(false))
            {
                if (screen is not null)
                {
                    await Console.Out.WriteAsync(screen.Text(look, Console.WindowWidth, Console.WindowHeight)).ConfigureAwait(false);
                    continue;
                }

                foreach (var table in look)
                {
                    output.WriteLine(table, Line(table));
                }
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static string Line(TableRate table) =>
        $"{DisplayText.Instant(table.Time)} {table.Table}: {DisplayText.Rows(table.Rows, table.IsEstimate)} rows, "
        + $"{(table.Delta < 0 ? "" : "+")}{DisplayText.Count(table.Delta)}, {DisplayText.SmallRate(table.RowsPerSecond)} rows/s";
}
