using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Loading.Import;

namespace StreamingPg.Cli.Commands;

/// <summary>Loads rows of a file or of standard input in one transaction.</summary>
internal static class ImportCommand
{
    private static readonly Option<string?> File = new("--path", "--file")
    {
        Description = "File to read [default: standard input]",
        HelpName = "file",
    };

    private static readonly Option<InputFormat?> Format = new("--format")
    {
        Description = "JSON (lines, indented objects, or an array), CSV with a header line, or the corrected reject file of an "
            + "earlier import, which names the tables [default: Csv for a file that ends in .csv or .tsv, else Json]",
        HelpName = "Csv|Json|Rejects",
    };

    private static readonly Option<ImportErrorAction> OnError = new("--on-error")
    {
        Description = "Whether a row that cannot be loaded aborts the import, or is written to the reject file",
    };

    private static readonly Option<string?> RejectPath = new("--reject-path")
    {
        Description = "Reject file for the rejected rows, as JSON lines; it must not exist yet",
        HelpName = "file",
    };

    private static readonly Option<ConflictAction> OnConflict = new("--on-conflict")
    {
        Description = "What to do with rows whose primary key already exists",
    };

    private static readonly Option<string?> Delimiter = new("--delimiter")
    {
        Description = "Field separator of CSV: one character, or tab [default: a comma; a tab for a file that ends in .tsv]",
        HelpName = "character",
    };

    private static readonly Option<string?> Encoding = new("--encoding")
    {
        Description = "Encoding of the input, such as utf-16 or windows-1252; a byte-order mark takes precedence [default: utf-8]",
        HelpName = "name",
    };

    private static readonly Option<string?> Culture = new("--culture")
    {
        Description = "Culture of dates and numbers, such as de-DE [default: ISO 8601, numbers with a decimal point]",
        HelpName = "name",
    };

    private static readonly Option<string?> DateFormat = new("--date-format")
    {
        Description = "Date format in .NET notation, such as dd.MM.yyyy",
        HelpName = "format",
    };

    private static readonly Option<bool> EmptyAsNull = new("--empty-as-null")
    {
        Description = "Treat empty text as NULL in text columns too",
    };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "import",
            "Loads rows from a file or standard input in one transaction. Names match columns regardless of case and underscores. "
                + "A missing column gets its default; an empty one becomes NULL. "
                + "In a column without a time zone, a time with a zone is converted to UTC.",
            "import --table users --path users.csv",
            "import --table users --path users.csv --on-error Reject --reject-path rejects.jsonl --on-conflict Update",
            "import --path rejects.jsonl --format Rejects")
        {
            CommitsWork = true,
        };
        command.AddOptions(
            SharedOptions.Table, File, Format, OnError, RejectPath, OnConflict, Delimiter, Encoding, Culture, DateFormat, EmptyAsNull, SharedOptions.WhatIf);
        command.Check(result =>
        {
            if (result.GetValue(SharedOptions.Table) is null && result.GetValue(Format) != InputFormat.Rejects)
            {
                result.AddError("--table is required.");
            }

            if (result.GetValue(File) is null && DatabaseOptions.ReadsStandardInput(result))
            {
                result.AddError("Standard input cannot be the rows and the metadata. Add --path.");
            }
        });
        DatabaseOptions.AddTo(command, ConnectionPurpose.Import);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            var options = new ImportOptions
            {
                OnError = parsed.GetValue(OnError),
                RejectPath = parsed.GetValue(RejectPath) is { } path ? Path.GetFullPath(path) : null,
                OnConflict = parsed.GetValue(OnConflict),
            };
            options.Check();
            var file = FileOf(parsed);
            file.Check();
            options = options with { IsOneTable = file.ActualFormat != InputFormat.Rejects };
            if (parsed.GetValue(SharedOptions.WhatIf))
            {
                await using var target = DatabaseOptions.Connect(parsed);
                return output.WhatIf($"Import rows from {file.Path ?? "standard input"} into {(file.Table is null ? "" : $"\"{file.Table}\" of ")}{target}");
            }

            await using var input = file.Path is null ? Console.OpenStandardInput() : file.Open();
            await using var connection = DatabaseOptions.Connect(parsed);
            await using var importer = await RowImporter.BeginAsync(connection, model, options, cancellationToken).ConfigureAwait(false);
            file.ReadInto(importer, model, input, cancellationToken);
            Write(await importer.CompleteAsync(cancellationToken).ConfigureAwait(false), options, output);
            return ExitCode.Done;
        });
        return command;
    }

    private static InputFile FileOf(ParseResult parsed) => new()
    {
        Path = parsed.GetValue(File),
        Format = parsed.GetValue(Format),
        Table = parsed.GetValue(SharedOptions.Table),
        Delimiter = parsed.GetValue(Delimiter),
        Encoding = parsed.GetValue(Encoding),
        Form = new InputForm
        {
            Culture = parsed.GetValue(Culture) is { } name ? InputForm.FindCulture(name) : null,
            DateFormat = parsed.GetValue(DateFormat),
            EmptyAsNull = parsed.GetValue(EmptyAsNull),
        },
    };

    private static void Write(IReadOnlyList<ImportResult> results, ImportOptions options, ResultWriter output)
    {
        output.Write(results, new TextTable<ImportResult>()
            .Text("table", result => result.Table)
            .Number("read", result => DisplayText.Count(result.Read))
            .Number("inserted", result => DisplayText.Count(result.Inserted))
            .Number("updated", result => DisplayText.Count(result.Updated))
            .Number("skipped", result => DisplayText.Count(result.Skipped))
            .Number("rejected", result => DisplayText.Count(result.Rejected)));
        if (results.Sum(result => result.Rejected) is > 0 and var rejected)
        {
            EventOutput.Warn($"{DisplayText.Count(rejected)} rows were rejected; {options.RejectPath} lists them with the reasons.");
        }
    }
}
