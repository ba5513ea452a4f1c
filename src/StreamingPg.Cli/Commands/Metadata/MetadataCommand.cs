using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Discovery;
using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Model;

namespace StreamingPg.Cli.Commands;

/// <summary>Shows how each column is filled, or describes the tables of a live schema as metadata.</summary>
internal static class MetadataCommand
{
    public static Command Create()
    {
        var command = new StreamingCommand(
            "metadata",
            "Shows how each column of a metadata.json is filled, and why. With --from-database, describes existing tables "
            + "as a metadata.json that you can edit and pass to the other commands; whatever cannot be filled is left out and reported on "
            + "standard error.",
            "metadata --metadata shop.json",
            "metadata --from-database --schema public",
            "metadata --from-database --schema public --table orders --path orders.json",
            "metadata --from-database --schema public --learn-from --metadata sensitive.json --path shop.json --force");
        DatabaseOptions.AddTo(command);
        var fromDatabase = new Option<bool>("--from-database") { Description = "Read the tables from the catalogs of the database" };
        var learnFrom = new Option<bool>("--learn-from") { Description = "Copy how existing values are distributed" };
        var file = new Option<string?>("--path", "--output") { Description = "File to save the document to [default: standard output]", HelpName = "file" };
        var force = new Option<bool>("--force") { Description = "Replace an existing file" };
        command.AddOptions(fromDatabase, SharedOptions.Tables, learnFrom, MetadataFileCommands.Scale, file, force, SharedOptions.WhatIf);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            if (!parsed.GetValue(fromDatabase))
            {
                return ListColumns(output, DatabaseOptions.ReadModel(parsed), parsed.GetValue(SharedOptions.Tables) ?? []);
            }

            var options = new DiscoveryOptions
            {
                Tables = parsed.GetValue(SharedOptions.Tables) ?? [],
                LearnFrom = parsed.GetValue(learnFrom),
                Scale = parsed.GetValue(MetadataFileCommands.Scale),
                Sensitive = DatabaseOptions.NamesMetadata(parsed) ? DatabaseOptions.ReadModel(parsed) : null,
            };
            await using var connection = DatabaseOptions.Connect(parsed);
            var found = await SchemaDiscovery.ReadAsync(connection, options, cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(file) is not { } path)
            {
                Report(found);
                await Console.Out.WriteAsync(found.Json).ConfigureAwait(false);
                return ExitCode.Done;
            }

            return await SaveAsync(found, path, parsed.GetValue(force), parsed.GetValue(SharedOptions.WhatIf), output, cancellationToken).ConfigureAwait(false);
        });
        command.Check(result =>
        {
            if (!result.GetValue(fromDatabase) && (result.GetValue(learnFrom) || result.GetValue(MetadataFileCommands.Scale) is not null || result.GetValue(file) is not null))
            {
                result.AddError("Only existing tables have values to learn from, rows to scale and a document to save: add --from-database.");
            }

            if (result.GetValue(SharedOptions.WhatIf) && result.GetValue(file) is null)
            {
                result.AddError("--what-if needs --path.");
            }
        });
        return command;
    }

    /// <summary>Saves what was found, and says what was left out.</summary>
    public static async Task<int> SaveAsync(
        DiscoveredMetadata found, string path, bool force, bool whatIf, ResultWriter output, CancellationToken cancellationToken)
    {
        Report(found);
        if (whatIf)
        {
            return output.WhatIf($"Save the metadata of {found.Tables.Count} tables to {path}");
        }

        await DocumentFile.SaveAsync(path, found.Json, force, cancellationToken).ConfigureAwait(false);
        output.WriteLine(new SavedMetadata(path, found.Tables), $"{found.Tables.Count} tables described in {path}: {string.Join(", ", found.Tables)}");
        return ExitCode.Done;
    }

    private static void Report(DiscoveredMetadata found)
    {
        foreach (var note in found.Notes)
        {
            ErrorOutput.WriteLine($"streamingpg: {DisplayText.Plain($"{note}")}");
        }
    }

    private static int ListColumns(ResultWriter output, StreamModel model, string[] tables)
    {
        output.Write(ColumnList.Of(model, tables), new TextTable<StreamingColumn>()
            .Text("table", column => column.Table)
            .Text("column", column => column.Column)
            .Text("type", column => column.Type)
            .Text("generator", column => column.Generator)
            .Text("origin", column => column.Origin.ToString())
            .Text("reason", column => column.Reason));
        return ExitCode.Done;
    }
}
