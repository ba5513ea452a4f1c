using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Records;

namespace StreamingPg.Cli.Commands;

/// <summary>Lists the locales of names, cities and products.</summary>
internal static class LocalesCommand
{
    public static Command Create()
    {
        var command = new StreamingCommand("locales", "Lists the locales of names, cities and products, with three names of each.", "locales", "locales --json");
        command.Run((_, output, _) =>
        {
            output.Write(GeneratorList.Locales(), new TextTable<StreamingLocale>()
                .Text("name", locale => locale.Name)
                .Text("language", locale => locale.Language)
                .Text("samples", locale => string.Join(" | ", locale.Samples)));
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}
