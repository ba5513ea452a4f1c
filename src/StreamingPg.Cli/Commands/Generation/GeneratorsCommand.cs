using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Records;

namespace StreamingPg.Cli.Commands;

/// <summary>Lists the generators that metadata can name.</summary>
internal static class GeneratorsCommand
{
    private static readonly Option<string[]> Names = new("--name")
    {
        Description = "Generators to list, such as person.*; * and ? are wildcards [default: all]",
        HelpName = "name",
        AllowMultipleArgumentsPerToken = true,
    };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "generators",
            "Lists the generators that a metadata.json can name, with their types, arguments and three sample values.",
            "generators",
            "generators --name person.* address.* --locale de",
            "generators --generator-path ./MyGenerators.dll --json");
        command.AddOptions(Names, RowOptions.Locale, DatabaseOptions.GeneratorPath);
        command.Run((parsed, output, _) =>
        {
            output.Write(
                GeneratorList.Of(DatabaseOptions.Generators(parsed), parsed.GetValue(Names) ?? [], parsed.GetValue(RowOptions.Locale)!),
                new TextTable<StreamingGenerator>()
                    .Text("name", generator => generator.Name)
                    .Text("type", generator => generator.Type)
                    .Text("arguments", generator => string.Join(", ", generator.Arguments))
                    .Text("samples", generator => DisplayText.Plain(string.Join(" | ", generator.Samples))));
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}
