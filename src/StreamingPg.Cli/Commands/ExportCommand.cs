using System.CommandLine;
using System.CommandLine.Parsing;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Export;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;

namespace StreamingPg.Cli.Commands;

/// <summary>Writes the rows of all tables to files: generated ones without a database, or those of a database.</summary>
internal static class ExportCommand
{
    private static readonly Option<string> Folder = new("--path") { Description = "Folder of the files; it is created if needed", HelpName = "folder", Required = true };

    private static readonly Option<ExportFormat> Format = new("--format") { Description = "Csv, Jsonl, Sql (INSERT), Copy (text of PostgreSQL's COPY) or Parquet" };

    private static readonly Option<ExportCompression> Compression = new("--compression") { Description = "None, Gzip or Zstd" };

    private static readonly Option<long?> RowsPerFile = NumberOption.Create("--rows-per-file", "Maximum rows of a file [default: one file per table]", 1L);

    private static readonly Option<bool> Force = new("--force") { Description = "Replace the files of an earlier export" };

    private static readonly Option<bool> FromDatabase = new("--from-database") { Description = "Export the rows of the tables in the database, as one snapshot has them" };

    public static Command Create()
    {
        var chunkSize = SharedOptions.ChunkSize(BatchOptions.DefaultChunkSize);
        var command = new StreamingCommand(
            "export",
            "Writes the rows of all tables to files, with a script that loads them. The rows are those that a first batch with the same --seed, counts "
            + "and --chunk-size loads into empty tables; no database is needed. With --from-database, the rows of a database.",
            "export --path data --users 1000 --transactions 3000 --details 9000 --seed 42",
            "export --path data --metadata examples/shop.json --format Parquet --compression Zstd",
            "export --path data --from-database --format Jsonl --rows-per-file 1000000 --force");
        command.AddOptions(Folder, Format, Compression, RowsPerFile, Force, FromDatabase);
        RowOptions.AddTo(command);
        command.Options.Add(chunkSize);
        DatabaseOptions.AddTo(command, ConnectionPurpose.Analysis);
        command.AddOptions(SharedOptions.StatementTimeout, SharedOptions.WhatIf);
        command.Check(result =>
        {
            if (result.GetValue(FromDatabase) && RowOptions.All.Append(chunkSize).FirstOrDefault(option => result.GetResult(option) is OptionResult { Implicit: false }) is { } unfit)
            {
                result.AddError($"{unfit.Name} is about generated rows: it does not go with --from-database.");
            }
        });
        command.Run(async (parsed, output, cancellationToken) =>
        {
            if (!parsed.GetValue(FromDatabase))
            {
                ValuePools.Prepare(parsed.GetValue(RowOptions.Locale)!);
            }

            var model = DatabaseOptions.ReadModel(parsed);
            var options = new ExportOptions
            {
                Folder = Path.GetFullPath(parsed.GetValue(Folder)!),
                Format = parsed.GetValue(Format),
                Compression = parsed.GetValue(Compression),
                RowsPerFile = parsed.GetValue(RowsPerFile),
                Overwrite = parsed.GetValue(Force),
            };
            await using var connection = parsed.GetValue(FromDatabase) ? DatabaseOptions.Connect(parsed) : null;
            if (parsed.GetValue(SharedOptions.WhatIf))
            {
                return output.WhatIf($"Write {(connection is null ? "generated rows" : $"the rows of {connection}")} to {options.Folder}");
            }

            using var progress = ProgressLine.ForTerminal();
            var files = connection is null
                ? DataExporter.GenerateAsync(model, Batch(parsed, model, SharedOptions.Asked(parsed, chunkSize)), options, DatabaseOptions.SchemaOf(parsed), progress, cancellationToken)
                : DataExporter.ReadAsync(connection, model, parsed.GetValue(SharedOptions.StatementTimeout), options, progress, cancellationToken);
            var written = new List<ExportedFile>();
            await foreach (var file in files.ConfigureAwait(false))
            {
                written.Add(file);
            }

            output.Write(written, new TextTable<ExportedFile>()
                .Text("file", file => file.Path)
                .Number("rows", file => file.Table is null ? "" : DisplayText.Count(file.Rows))
                .Number("size", file => DisplayText.Bytes(file.Bytes)));
            return ExitCode.Done;
        });
        return command;
    }

    private static BatchOptions Batch(ParseResult parsed, StreamModel model, int? chunkSize) => new()
    {
        Rows = RowOptions.Asked(parsed, model),
        RowsOfMetadata = true,
        Seed = parsed.GetValue(RowOptions.Seed),
        ReferenceTime = parsed.GetValue(RowOptions.ReferenceTime),
        Locale = parsed.GetValue(RowOptions.Locale)!,
        ChunkSize = chunkSize,
    };
}
