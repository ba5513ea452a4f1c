using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Health;

namespace StreamingPg.Cli.Commands;

/// <summary>Says whether a publication gives its subscribers every change.</summary>
internal static class PublicationCommand
{
    private static readonly Option<string> Name = new("--name") { Description = "Name of the publication", HelpName = "name", Required = true };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "publication",
            "Tests whether a publication gives its subscribers every change: WAL level, tables, replica identities and slots.",
            "publication --name changes");
        command.Add(Name);
        DatabaseOptions.AddTo(command);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            await using var connection = DatabaseOptions.Connect(parsed);
            var results = await PublicationChecker.CheckAsync(connection, model, parsed.GetRequiredValue(Name), cancellationToken).ConfigureAwait(false);
            output.Write(results, new TextTable<PublicationTest>()
                .Text("check", result => result.Check)
                .Text("object", result => result.Object)
                .Text("ok", result => result.IsOk ? "yes" : "no")
                .Text("detail", result => result.Detail));
            return results.All(result => result.IsOk) ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }
}
