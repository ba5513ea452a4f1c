using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Discovery;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Cli.Commands;

/// <summary>Makes, tests and exports metadata.json files.</summary>
internal static class MetadataFileCommands
{
    /// <summary>How large a twin of the tables is.</summary>
    public static readonly Option<double?> Scale = NumberOption.Create(
        "--scale", "Rows of a batch for each existing row, such as 0.01", DiscoveryOptions.MinScale, (double?)DiscoveryOptions.MaxScale);

    private static readonly Option<bool> Force = new("--force") { Description = "Replace an existing file" };

    public static Command CreateNew()
    {
        var model = new Option<string>("--model")
        {
            Description = $"Model to begin with: {string.Join("; ", MetadataModel.All.Select(model => $"{model.Name} ({model.Description})"))}",
            HelpName = "name",
            DefaultValueFactory = _ => MetadataModel.All[0].Name,
        };
        model.CompletionSources.Add([.. MetadataModel.All.Select(model => model.Name)]);
        var path = new Option<string?>("--path") { Description = "File to save it in [default: standard output]", HelpName = "file" };
        var command = new StreamingCommand(
            "new-metadata",
            "Writes a metadata.json to begin with, which you can edit and pass to the other commands.",
            "new-metadata --model shop --path shop.json");
        command.AddOptions(model, path, Force, SharedOptions.WhatIf);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var chosen = MetadataModel.Find(parsed.GetValue(model)!);
            if (parsed.GetValue(path) is not { } file)
            {
                await Console.Out.WriteAsync(chosen.Read()).ConfigureAwait(false);
                return ExitCode.Done;
            }

            if (parsed.GetValue(SharedOptions.WhatIf))
            {
                return output.WhatIf($"Save the metadata of model {chosen.Name} to {file}");
            }

            await DocumentFile.SaveAsync(file, chosen.Read(), parsed.GetValue(Force), cancellationToken).ConfigureAwait(false);
            output.WriteLine(new SavedMetadata(file, [.. MetadataReader.Load(file).Tables.Select(table => table.Name)]), $"{chosen.Name}: {chosen.Description}, in {file}");
            return ExitCode.Done;
        });
        return command;
    }

    public static Command CreateTest()
    {
        var metadata = new Option<string>("--metadata") { Description = "The metadata.json to test", HelpName = "file", Required = true };
        var command = new StreamingCommand(
            "test-metadata",
            "Tests a metadata.json without a database, and says what is invalid and where. Exit code 1 if it is invalid.",
            "test-metadata --metadata shop.json");
        command.AddOptions(metadata);
        command.Run((parsed, output, _) =>
        {
            var test = MetadataTester.Test(parsed.GetValue(metadata)!);
            output.Write(
                test,
                ("path", test.Path),
                ("valid", test.Valid ? "yes" : "no"),
                ("tables", test.Valid ? $"{test.Tables}, with {test.Columns} columns and {test.ForeignKeys} foreign keys" : null),
                ("problem", test.Problem));
            return Task.FromResult(test.Valid ? ExitCode.Done : ExitCode.Failed);
        });
        return command;
    }

    public static Command CreateExport()
    {
        var path = new Option<string>("--path") { Description = "File to save the document to", HelpName = "file", Required = true };
        var learnFrom = new Option<bool>("--learn-from") { Description = "Copy how existing values are distributed" };
        var command = new StreamingCommand(
            "export-metadata",
            "Saves a metadata.json that describes existing tables; whatever cannot be filled is left out and reported on standard error.",
            "export-metadata --schema public --path shop.json",
            "export-metadata --schema public --table orders --learn-from --path orders.json --force",
            "export-metadata --schema public --learn-from --scale 0.01 --path twin.json");
        DatabaseOptions.AddTo(command);
        command.AddOptions(path, SharedOptions.Tables, learnFrom, Scale, Force, SharedOptions.WhatIf);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var options = new DiscoveryOptions
            {
                Tables = parsed.GetValue(SharedOptions.Tables) ?? [],
                LearnFrom = parsed.GetValue(learnFrom),
                Scale = parsed.GetValue(Scale),
                Sensitive = DatabaseOptions.NamesMetadata(parsed) ? DatabaseOptions.ReadModel(parsed) : null,
            };
            await using var connection = DatabaseOptions.Connect(parsed);
            var found = await SchemaDiscovery.ReadAsync(connection, options, cancellationToken).ConfigureAwait(false);
            return await MetadataCommand.SaveAsync(found, parsed.GetValue(path)!, parsed.GetValue(Force), parsed.GetValue(SharedOptions.WhatIf), output, cancellationToken).ConfigureAwait(false);
        });
        return command;
    }
}
