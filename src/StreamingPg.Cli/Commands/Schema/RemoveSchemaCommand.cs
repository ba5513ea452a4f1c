using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Clearing;

namespace StreamingPg.Cli.Commands;

/// <summary>Drops what init made.</summary>
internal static class RemoveSchemaCommand
{
    private static readonly Option<bool> Force = new("--force") { Description = "Drop tables, too, of which nothing says that StreamingPg made them" };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "remove-schema",
            "Drops the tables, the ledger and, if nothing else is in it, the schema. Fails if a table has rows that StreamingPg did not load, "
            + "or if nothing says that StreamingPg made it.",
            "remove-schema --what-if",
            "remove-schema --metadata examples/shop.json --schema shop")
        {
            CommitsWork = true,
        };
        command.AddOptions(Force, SharedOptions.WhatIf);
        DatabaseOptions.AddTo(command, ConnectionPurpose.Clear);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            await using var connection = DatabaseOptions.Connect(parsed);
            var changes = await SchemaRemover.RemoveAsync(
                connection, model, parsed.GetValue(SharedOptions.WhatIf), parsed.GetValue(Force), cancellationToken).ConfigureAwait(false);
            output.Write(changes, new TextTable<SchemaChange>()
                .Text("kind", change => change.Kind)
                .Text("name", change => change.Name)
                .Text("action", change => change.Action.ToString())
                .Text("detail", change => change.Detail));
            return ExitCode.Done;
        });
        return command;
    }
}
