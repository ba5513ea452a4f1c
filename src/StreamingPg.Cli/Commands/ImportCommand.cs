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
        Description = "JSON (lines, several lines, or an array), CSV with a header line, or the corrected file of an earlier import's "
            + "rejects, which names the tables [default: Csv for a file that ends in .csv or .tsv, else Json]",
        HelpName = "Csv|Json|Rejects",
    };

    private static readonly Option<ImportErrorAction> OnError = new("--on-error")
    {
        Description = "Whether a row that cannot be loaded ends the import, or goes into the file of rejects",
    };

    private static readonly Option<string?> RejectPath = new("--reject-path")
    {
        Description = "File that gets the rejected rows as JSON lines; it must not be there yet",
        HelpName = "file",
    };

    private static readonly Option<ConflictAction> OnConflict = new("--on-conflict")
    {
        Description = "What happens to rows whose primary key is there",
    };

    private static readonly Option<string?> Delimiter = new("--delimiter")
    {
        Description = "What separates the fields of CSV: one character, or tab [default: a comma; a tab for a file that ends in .tsv]",
        HelpName = "character",
    };

    private static readonly Option<string?> Encoding = new("--encoding")
    {
        Description = "Encoding of the input, such as utf-16 or windows-1252; a byte-order mark goes before it [default: utf-8]",
        HelpName = "name",
    };

    private static readonly Option<string?> Culture = new("--culture")
    {
        Description = "Read dates and numbers as this culture writes them, such as de-DE [default: ISO 8601, numbers with a point]",
        HelpName = "name",
    };

    private static readonly Option<string?> DateFormat = new("--date-format")
    {
        Description = "Read dates in this format, such as dd.MM.yyyy",
        HelpName = "format",
    };

    private static readonly Option<bool> EmptyAsNull = new("--empty-as-null")
    {
        Description = "Empty text means no value in columns of text too",
    };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "import",
            "Loads rows of a file or of standard input in one transaction. Names match columns without regard to case and underscores. "
                + "A column that a row does not have gets its default; one without a value becomes NULL. "
                + "A time with a zone becomes UTC in a column without one.",
            "import --table users --path users.csv",
            "import --table users --path users.csv --on-error Reject --reject-path rejects.jsonl --on-conflict Update",
            "import --path rejects.jsonl --format Rejects")
        {
            CommitsWork = true,
        };
        command.AddOptions(
            SharedOptions.Table, File, Format, OnError, RejectPath, OnConflict, Delimiter, Encoding, Culture, DateFormat, EmptyAsNull);
        command.Validators.Add(result =>
        {
            if (result.GetValue(SharedOptions.Table) is null && result.GetValue(Format) != InputFormat.Rejects)
            {
                result.AddError("--table is required: it says where the rows go.");
            }
        });
        DatabaseOptions.AddTo(command);
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
            EventOutput.Warn($"{DisplayText.Count(rejected)} rows were rejected; {options.RejectPath} has them with the reasons.");
        }
    }
}
