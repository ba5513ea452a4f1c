using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Queries;

namespace StreamingPg.Cli.Commands;

/// <summary>Runs a statement of the user's own.</summary>
internal static class QueryCommand
{
    private static readonly Option<string> Query = new("--query")
    {
        Description = "The statement; $1, $2 ... stand for the arguments",
        HelpName = "sql",
        Required = true,
    };

    private static readonly Option<string[]> ArgumentList = new("--argument-list")
    {
        Description = "The arguments of the statement",
        HelpName = "value",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<bool> Write = new("--write") { Description = "Let the statement change something [default: read-only]" };
    private static readonly Option<RowFormat> Format = new("--format") { Description = "JSON lines, or CSV with a header line" };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "query",
            "Runs one statement and writes its rows to standard output. Names without a schema are found in --schema and in PostgreSQL's own.",
            "query --query 'SELECT city, count(*) FROM users GROUP BY city'",
            "query --query 'SELECT * FROM users WHERE city = $1' --argument-list Lima --format csv",
            "query --query \"UPDATE users SET city = 'Lima' WHERE city IS NULL\" --write")
        {
            CommitsWork = true,
        };
        command.AddOptions(Query, ArgumentList, Write, SharedOptions.WhatIf, SharedOptions.StatementTimeout, Format);
        DatabaseOptions.AddConnectionTo(command);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            await using var connection = DatabaseOptions.Connect(parsed);
            var options = new QueryOptions
            {
                Sql = parsed.GetValue(Query)!,
                Arguments = parsed.GetValue(ArgumentList) ?? [],
                Write = parsed.GetValue(Write),
                StatementTimeout = parsed.GetValue(SharedOptions.StatementTimeout),
            };
            if (options.Write && parsed.GetValue(SharedOptions.WhatIf))
            {
                return output.WhatIf($"Run {options.Sql} on {connection}");
            }

            RowWriter? writer = null;
            try
            {
                var result = await SqlQuery.RunAsync(
                    connection,
                    options,
                    columns => writer = new RowWriter(Console.OpenStandardOutput(), columns, parsed.GetValue(Format)),
                    values => writer!.Write(values),
                    cancellationToken).ConfigureAwait(false);
                if (options.Write && writer is null)
                {
                    output.WriteLine(result, result.RowsAffected is { } rows ? $"{DisplayText.Count(rows)} rows changed" : "done");
                }
            }
            finally
            {
                if (writer is not null)
                {
                    await writer.DisposeAsync().ConfigureAwait(false);
                }
            }

            return ExitCode.Done;
        });
        return command;
    }
}
