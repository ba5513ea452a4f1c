using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Export;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Model;
using StreamingPg.Core.Records;

namespace StreamingPg.Cli.Commands;

/// <summary>Writes rows of one table to standard output, without a database.</summary>
internal static class GenerateCommand
{
    private static readonly Option<RowFormat> Format = new("--format") { Description = "JSON lines, or CSV with a header line" };

    private static readonly Option<long?> Count = NumberOption.Create("--count", "Rows of --table [default: what the metadata says, else a few]", 0L);

    public static Command Create()
    {
        var command = new StreamingCommand(
            "generate",
            "Writes the rows of one table to standard output, without a database. With the same --seed and counts, "
            + "the rows of all tables refer to each other.",
            "generate --table users --count 1000 --seed 42 --format csv > users.csv",
            "generate --table transactions --users 1000 --transactions 3000 --details 9000 --seed 42 > transactions.jsonl",
            "generate --table detailed_transactions --users 1000 --transactions 3000 --details 9000 --seed 42 > lines.jsonl",
            "generate --metadata examples/shop.json --table reviews --rows products=20 --seed 42 > reviews.jsonl");
        command.AddOptions(SharedOptions.Table, Count);
        DatabaseOptions.AddMetadataTo(command);
        RowOptions.AddTo(command);
        command.Options.Add(Format);
        command.Run(async (parsed, _, cancellationToken) =>
        {
            ValuePools.Prepare(parsed.GetValue(RowOptions.Locale)!);
            var model = DatabaseOptions.ReadModel(parsed);
            var table = parsed.GetValue(SharedOptions.Table) is { } name ? InputTable.Find(model, name).Table : model.Tables[0];

            // The seed decides how many children a parent gets, and then their values: it must be the same for both.
            var options = new GenerationOptions
            {
                Seed = parsed.GetValue(RowOptions.Seed) ?? Random.Shared.NextInt64(),
                ReferenceTime = parsed.GetValue(RowOptions.ReferenceTime),
                Locale = parsed.GetValue(RowOptions.Locale)!,
            };
            var rows = Rows(model, table, RowOptions.Asked(parsed, model), parsed.GetValue(Count), options.Seed.Value);
            using var maker = new RowMaker(model, options);
            var formatter = RowFormatter.Of(table, parsed.GetValue(Format) == RowFormat.Csv ? ExportFormat.Csv : ExportFormat.Jsonl);
            using var text = new TextBuffer();
            formatter.Begin(text);
            var output = Console.OpenStandardOutput();
            await using (output.ConfigureAwait(false))
            {
                foreach (var block in maker.MakeOfBatch(rows, table))
                {
                    formatter.Append(text, block, skip: 0, block.Rows);
                    await WriteAsync(text, output, cancellationToken).ConfigureAwait(false);
                }

                await WriteAsync(text, output, cancellationToken).ConfigureAwait(false);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static async Task WriteAsync(TextBuffer text, Stream output, CancellationToken cancellationToken)
    {
        await output.WriteAsync(text.Memory, cancellationToken).ConfigureAwait(false);
        text.Truncate(0);
    }

    private static Dictionary<string, long> Rows(StreamModel model, TableModel table, IReadOnlyDictionary<string, long> asked, long? count, long seed)
    {
        var rows = new Dictionary<string, long>(BatchRows.Of(model, asked, seed), StringComparer.Ordinal);
        rows[table.Name] = count ?? rows[table.Name];
        return rows;
    }
}
