using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Generation;

namespace StreamingPg.Cli.Commands;

/// <summary>Writes rows of one table to standard output, without a database.</summary>
internal static class GenerateCommand
{
    private const string Users = "users";
    private const string Transactions = "transactions";
    private const string Details = "detailed_transactions";
    private const string Csv = "csv";

    public static Command Create()
    {
        var command = new StreamingCommand(
            "generate",
            "Writes the rows of one table to standard output; no database is needed. With one --seed and the same counts, "
            + "the rows of the three tables refer to each other.",
            "generate --table users --users 1000 --seed 42 --format csv > users.csv",
            "generate --table transactions --users 1000 --transactions 3000 --details 9000 --seed 42 > transactions.jsonl",
            "generate --table detailed_transactions --users 1000 --transactions 3000 --details 9000 --seed 42 > lines.jsonl");
        var table = new Option<string>("--table")
        {
            Description = "Table whose rows to write",
            DefaultValueFactory = _ => Users,
        }.AcceptOnlyFromAmong(Users, Transactions, Details);
        var format = new Option<string>("--format")
        {
            Description = "JSON lines, or CSV with a header line",
            DefaultValueFactory = _ => "json",
        }.AcceptOnlyFromAmong("json", Csv);
        command.Options.Add(table);
        var rows = RowOptions.AddTo(command);
        command.Options.Add(format);
        command.Run(async (parsed, _, cancellationToken) =>
        {
            var options = new GenerationOptions
            {
                Seed = rows.Seed(parsed),
                ReferenceTime = rows.ReferenceTime(parsed),
                Locale = rows.Locale(parsed),
            };
            var writer = new RowWriter(Console.OpenStandardOutput(), csv: parsed.GetValue(format) == Csv);
            await using (writer.ConfigureAwait(false))
            {
                var users = RecordGenerator.MakeUsers(rows.Users(parsed), options);
                if (parsed.GetValue(table) == Users)
                {
                    WriteAll(users, writer, cancellationToken);
                    return ExitCode.Done;
                }

                var transactions = RecordGenerator.MakeTransactions([.. users], rows.Transactions(parsed), options);
                var lines = RecordGenerator.MakeDetails([.. transactions], rows.Details(parsed), options);
                if (parsed.GetValue(table) == Transactions)
                {
                    WriteAll(lines.Select(pair => pair.Transaction), writer, cancellationToken);
                }
                else
                {
                    WriteAll(lines.SelectMany(pair => pair.Lines), writer, cancellationToken);
                }
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void WriteAll<T>(IEnumerable<T> rows, RowWriter writer, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            writer.Write(row);
        }
    }
}
