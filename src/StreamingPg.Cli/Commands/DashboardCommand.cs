using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Dashboard;

namespace StreamingPg.Cli.Commands;

/// <summary>Serves a live page until it is told to stop.</summary>
internal static class DashboardCommand
{
    private static readonly Option<TimeSpan> Interval = DurationOption.Create(
        "--interval", "Time between refreshes, however many pages are open", DashboardOptions.DefaultInterval);

    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    private static readonly Option<bool> Open = new("--open") { Description = "Open the page in the browser" };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "dashboard",
            "Serves a live page for the browsers of this machine until Ctrl+C: rate, lag, latency, growth, latest commits, hours of the week, health. "
                + "Reads only; its link contains a token. To pause and stop a stream there, serve both together: stream --dashboard --allow-control.",
            "dashboard --open",
            "dashboard --listen-port 8085 --interval 5s");
        command.AddOptions(SharedOptions.ListenPort, Interval, Open, SharedOptions.Duration);
        DatabaseOptions.AddTo(command, ConnectionPurpose.Report);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            var options = new DashboardOptions { Port = parsed.GetValue(SharedOptions.ListenPort), Interval = parsed.GetValue(Interval) };
            await using var server = await DashboardServer.StartAsync(
                DatabaseOptions.Connect(parsed), model, options, cancellationToken).ConfigureAwait(false);
            output.WriteLine(server.Result, $"{server.Link}");
            if (parsed.GetValue(Open) && server.Open() is { } problem)
            {
                EventOutput.Warn($"no program could open the page: {problem}");
            }

            await WaitAsync(parsed.GetValue(SharedOptions.Duration) ?? TimeSpan.MaxValue, cancellationToken).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Waits in pieces, because the timers of .NET take 49 days at most.</summary>
    private static async Task WaitAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        for (var left = duration; left > TimeSpan.Zero && !cancellationToken.IsCancellationRequested; left -= LongestTimer)
        {
            await Task.Delay(left < LongestTimer ? left : LongestTimer, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
