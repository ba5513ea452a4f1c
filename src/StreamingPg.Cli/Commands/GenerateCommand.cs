using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Records;

namespace StreamingPg.Cli.Commands;

/// <summary>Writes rows of one table to standard output, without a database.</summary>
internal static class GenerateCommand
{
    private const string Users = "users";
    private const string Transactions = "transactions";
    private const string Csv = "csv";

    public static Command Create()
    {
        var command = new StreamingCommand(
            "generate",
            "Writes the rows of one table to standard output, without a database. With the same --seed and counts, "
            + "the rows of all tables refer to each other.",
            "generate --table users --users 1000 --seed 42 --format csv > users.csv",
            "generate --table transactions --users 1000 --transactions 3000 --details 9000 --seed 42 > transactions.jsonl",
            "generate --table detailed_transactions --users 1000 --transactions 3000 --details 9000 --seed 42 > lines.jsonl",
            "generate --metadata examples/shop.json --table reviews --rows products=20 --seed 42 > reviews.jsonl");
        var format = new Option<string>("--format")
        {
            Description = "JSON lines, or CSV with a header line",
            DefaultValueFactory = _ => "json",
        }.AcceptOnlyFromAmong("json", Csv);
        command.Options.Add(SharedOptions.Table);
        DatabaseOptions.AddMetadataTo(command);
        RowOptions.AddTo(command);
        command.Options.Add(format);
        command.Run(async (parsed, _, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            var wanted = parsed.GetValue(SharedOptions.Table) is { } name ? InputTable.Find(model, name).Table : model.Tables[0];
            var options = new GenerationOptions
            {
                Seed = parsed.GetValue(RowOptions.Seed),
                ReferenceTime = parsed.GetValue(RowOptions.ReferenceTime),
                Locale = parsed.GetValue(RowOptions.Locale)!,
            };
            var writer = new RowWriter(Console.OpenStandardOutput(), csv: parsed.GetValue(format) == Csv);
            await using (writer.ConfigureAwait(false))
            {
                if (model != MetadataReader.Default)
                {
                    WriteOfModel(model, wanted, RowOptions.Asked(parsed, model), options, writer, cancellationToken);
                    return ExitCode.Done;
                }

                var users = RecordGenerator.MakeUsers(RowOptions.Users(parsed), options);
                if (wanted.Name == Users)
                {
                    WriteAll(users, writer, cancellationToken);
                    return ExitCode.Done;
                }

                var transactions = RecordGenerator.MakeTransactions([.. users], RowOptions.Transactions(parsed), options);
                var lines = RecordGenerator.MakeDetails([.. transactions], RowOptions.Details(parsed), options);
                if (wanted.Name == Transactions)
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

    private static void WriteOfModel(
        StreamModel model,
        TableModel table,
        (IReadOnlyDictionary<string, long> Rows, bool RowsOfMetadata) asked,
        GenerationOptions options,
        RowWriter writer,
        CancellationToken cancellationToken)
    {
        // The seed decides how many children a parent gets, and then their values: it must be the same for both.
        options = options with { Seed = options.Seed ?? Random.Shared.NextInt64() };
        using var maker = new RowMaker(model, options);
        foreach (var values in maker.MakeOfBatch(BatchRows.Of(model, asked.Rows, options.Seed.Value), table))
        {
            cancellationToken.ThrowIfCancellationRequested();
            writer.Write(table, values);
        }
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
