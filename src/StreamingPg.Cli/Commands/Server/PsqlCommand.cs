using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Server;

namespace StreamingPg.Cli.Commands;

/// <summary>Opens psql on the database that the other commands use.</summary>
internal static class PsqlCommand
{
    private static readonly Argument<string[]> Arguments = new("arguments") { Description = "Arguments for psql, after --", Arity = ArgumentArity.ZeroOrMore };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "psql",
            "Opens psql on the database that the other commands use, with its schema in the search path. Needs psql, which PostgreSQL's client package has.",
            "psql",
            "psql -- --command 'SELECT count(*) FROM users'");
        command.Arguments.Add(Arguments);
        DatabaseOptions.AddConnectionTo(command);
        command.Run(async (parsed, _, cancellationToken) =>
        {
            await using var connection = DatabaseOptions.Connect(parsed);
            return await PsqlProgram.RunAsync(connection, parsed.GetValue(Arguments) ?? [], cancellationToken).ConfigureAwait(false);
        });
        return command;
    }
}
