using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Schema;

namespace StreamingPg.Cli.Commands;

/// <summary>Creates what is missing of schema, tables, keys, indexes and ledger.</summary>
internal static class InitCommand
{
    public static Command Create()
    {
        var command = new StreamingCommand(
            "init",
            "Creates the schema, tables, keys, indexes and the batch ledger if they do not exist. Existing objects stay unchanged.",
            "init",
            "init --host db.example.com --database shop --username loader --schema streaming",
            "init --metadata metadata.json --what-if")
        {
            CommitsWork = true,
        };
        DatabaseOptions.AddTo(command, ConnectionPurpose.Schema);
        command.Options.Add(SharedOptions.WhatIf);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            await using var connection = DatabaseOptions.Connect(parsed);
            foreach (var note in SchemaInitializer.NotesOf(model))
            {
                ErrorOutput.WriteLine($"streamingpg: {DisplayText.Plain(note)}");
            }

            var planOnly = parsed.GetValue(SharedOptions.WhatIf);
            var changes = await SchemaInitializer.InitializeAsync(connection, model, planOnly, cancellationToken).ConfigureAwait(false);
            output.Write(changes, new TextTable<SchemaChange>()
                .Text("kind", change => change.Kind)
                .Text("name", change => change.Name)
                .Text("action", change => change.Action.ToString())
                .Text("detail", change => change.Detail));
            if (planOnly)
            {
                output.Say(string.Join(Environment.NewLine, changes.Where(change => change.Sql.Length > 0).Select(change => change.Sql + ";")));
            }

            return changes.Any(change => change.Action == SchemaAction.Different) ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }
}
