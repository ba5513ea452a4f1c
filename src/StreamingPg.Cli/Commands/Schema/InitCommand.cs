using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Schema;

namespace StreamingPg.Cli.Commands;

/// <summary>Creates what is missing of schema, tables, keys, indexes and ledger.</summary>
internal static class InitCommand
{
    private static readonly Option<bool> LargeKeys = new("--large-keys")
    {
        Description = "Number the rows of new tables by bigint identity columns where the metadata says SERIAL or INTEGER",
    };

    private static readonly Option<string?> Publication = new("--publication")
    {
        Description = "Publish the tables and the ledger under this name, for subscribers and change-data-capture",
        HelpName = "name",
    };

    private static readonly Option<PartitionInterval?> PartitionBy = new("--partition-by")
    {
        Description = "Partition new tables by the time of their rows",
    };

    private static readonly Option<bool> Distributed = new("--distributed") { Description = "Distribute new tables with Citus" };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "init",
            "Creates the schema, tables, keys, indexes and the batch ledger if they do not exist. Existing objects stay unchanged.",
            "init",
            "init --host db.example.com --database shop --username loader --schema streaming",
            "init --metadata metadata.json --what-if",
            "init --partition-by Month")
        {
            CommitsWork = true,
        };
        DatabaseOptions.AddTo(command, ConnectionPurpose.Schema);
        command.AddOptions(LargeKeys, Publication, PartitionBy, Distributed, SharedOptions.WhatIf);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            model = parsed.GetValue(LargeKeys) ? KeyTypes.ToBigInt(model) : model;
            await using var connection = DatabaseOptions.Connect(parsed);
            foreach (var note in SchemaInitializer.NotesOf(model))
            {
                ErrorOutput.WriteLine($"streamingpg: {DisplayText.Plain(note)}");
            }

            var planOnly = parsed.GetValue(SharedOptions.WhatIf);
            var layout = new LayoutOptions { PartitionBy = parsed.GetValue(PartitionBy), Distributed = parsed.GetValue(Distributed) };
            var changes = await SchemaInitializer.InitializeAsync(connection, model, layout, parsed.GetValue(Publication), planOnly, cancellationToken).ConfigureAwait(false);
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
