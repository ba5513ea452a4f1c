using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Analytics;

namespace StreamingPg.Cli.Commands;

/// <summary>Shows the busiest users.</summary>
internal static class ActivityCommand
{
    public static Command Create()
    {
        var command = new StreamingCommand(
            "activity",
            "Lists the busiest users, by number of transactions, total or average amount.",
            "activity",
            "activity --top 100 --sort-by AverageValue --since 2026-01-01 --json");
        DatabaseOptions.AddTo(command, ConnectionPurpose.Analysis);
        var top = SharedOptions.Top("users", UserActivityReader.DefaultTop);
        var order = new Option<UserActivityOrder>("--sort-by") { Description = "Sort order, largest first" };
        command.AddOptions(top, order);
        var analytics = AnalyticsOptionGroup.AddTo(command, "transactions", "transaction_date");
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            await using var connection = DatabaseOptions.Connect(parsed);
            var users = await UserActivityReader.ReadAsync(
                connection, model, parsed.GetValue(top), parsed.GetValue(order), analytics.Read(parsed), cancellationToken).ConfigureAwait(false);
            output.Write(users, new TextTable<UserActivity>()
                .Text("user", user => DisplayText.ShortKey(user.UserId))
                .Text("name", user => user.Name ?? "")
                .Text("city", user => user.City ?? "")
                .Number("transactions", user => DisplayText.Count(user.TransactionCount))
                .Number("total", user => DisplayText.Amount(user.TotalAmount))
                .Number("average", user => DisplayText.Amount(user.AverageValue)));
            foreach (var user in users.Where(user => user.Remark is not null))
            {
                output.Say($"{DisplayText.ShortKey(user.UserId)}: {user.Remark}");
            }

            return ExitCode.Done;
        });
        return command;
    }
}
