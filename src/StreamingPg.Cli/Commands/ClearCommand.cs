using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Clearing;

namespace StreamingPg.Cli.Commands;

/// <summary>Empties the tables.</summary>
internal static class ClearCommand
{
    private static readonly Option<bool> Force = new("--force") { Description = "Remove rows, too, that StreamingPg did not load" };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "clear",
            "Empties the tables and the ledger and restarts their sequences, as after init. Fails if there are rows that StreamingPg did not load.",
            "clear --what-if",
            "clear --metadata examples/shop.json")
        {
            CommitsWork = true,
        };
        command.AddOptions(Force, SharedOptions.WhatIf);
        DatabaseOptions.AddTo(command, ConnectionPurpose.Clear);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            await using var connection = DatabaseOptions.Connect(parsed);
            var planOnly = parsed.GetValue(SharedOptions.WhatIf);
            var tables = await TableClearer.ClearAsync(connection, model, planOnly, parsed.GetValue(Force), cancellationToken).ConfigureAwait(false);
            output.Write(tables, new TextTable<RemovalResult>()
                .Text("table", table => table.Table)
                .Number(planOnly ? "would be removed" : "removed", table => DisplayText.Count(table.Removed)));
            return ExitCode.Done;
        });
        return command;
    }
}
