using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Queries;

namespace StreamingPg.Cli.Commands;

/// <summary>Writes rows of a table to standard output.</summary>
internal static class RowsCommand
{
    private static readonly Option<string> Table = new("--table") { Description = "Table of the rows", HelpName = "name", Required = true };

    private static readonly Option<string[]> Key = new("--key")
    {
        Description = "Only rows with these values of the primary key",
        HelpName = "value",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int?> Sample = NumberOption.Create("--sample", "Only this many rows, picked at random", 1, (int?)RowFilter.SampleLimit);
    private static readonly Option<long?> Seed = new("--seed") { Description = "Pick the same rows of an unchanged table again", HelpName = "number" };
    private static readonly Option<int?> First = NumberOption.Create("--first", "Only the first rows, in the order of the primary key", 1);
    private static readonly Option<RowFormat> Format = new("--format") { Description = "JSON lines, or CSV with a header line" };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "rows",
            "Writes rows of a table to standard output: all, those of a batch, those with some keys, or a sample.",
            "rows --table users --first 10",
            "rows --table transactions --batch-id 3f0e7c1e-0000-4000-8000-000000000000 --format csv > batch.csv",
            "rows --table users --sample 100 --seed 42");
        command.AddOptions(Table, SharedOptions.BatchId, Key, Sample, Seed, First, SharedOptions.StatementTimeout, Format);
        DatabaseOptions.AddTo(command, ConnectionPurpose.Analysis, ConnectionPurpose.Ledger);
        command.Run(async (parsed, _, cancellationToken) =>
        {
            var table = TableRows.Find(DatabaseOptions.ReadModel(parsed), parsed.GetValue(Table)!);
            await using var connection = DatabaseOptions.Connect(parsed);
            var filter = new RowFilter
            {
                BatchId = parsed.GetValue(SharedOptions.BatchId),
                Keys = parsed.GetValue(Key) ?? [],
                Sample = parsed.GetValue(Sample),
                Seed = parsed.GetValue(Seed),
                First = parsed.GetValue(First),
                StatementTimeout = parsed.GetValue(SharedOptions.StatementTimeout),
                Warn = EventOutput.Warn,
            };
            await using var writer = new RowWriter(Console.OpenStandardOutput(), table.Columns.Select(static column => column.Name), parsed.GetValue(Format));
            await TableRows.ReadAsync(connection, table, filter, writer.Write, cancellationToken).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }
}
