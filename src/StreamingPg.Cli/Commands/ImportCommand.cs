using System.CommandLine;
using System.Text;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Loading;

namespace StreamingPg.Cli.Commands;

/// <summary>Loads rows of a file or of standard input in one transaction.</summary>
internal static class ImportCommand
{
    private static readonly Option<string?> Table = new("--table") { Description = "Table that the rows go to", HelpName = "name" };

    private static readonly Option<string?> File = new("--file")
    {
        Description = "File to read [default: standard input]",
        HelpName = "file",
    };

    private static readonly Option<InputFormat?> Format = new("--format")
    {
        Description = "JSON lines, CSV with a header line, or the mended file of an earlier import's rejects, which names the tables "
            + "[default: Csv for a file that ends in .csv, else Json]",
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

    public static Command Create()
    {
        var command = new StreamingCommand(
            "import",
            "Loads rows of a file or of standard input in one transaction. Names match columns without regard to case and underscores. "
                + "A column that a row does not have gets its default; one without a value becomes NULL.",
            "import --table users --file users.csv",
            "import --table users --file users.csv --on-error Reject --reject-path rejects.jsonl --on-conflict Update",
            "import --file rejects.jsonl --format Rejects")
        {
            CommitsWork = true,
        };
        foreach (var option in new Option[] { Table, File, Format, OnError, RejectPath, OnConflict })
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetValue(Table) is null && result.GetValue(Format) != InputFormat.Rejects)
            {
                result.AddError("--table is required: it says where the rows go.");
            }
        });
        var database = DatabaseOptions.AddTo(command);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = database.ReadModel(parsed);
            var options = new ImportOptions
            {
                OnError = parsed.GetValue(OnError),
                RejectPath = parsed.GetValue(RejectPath) is { } path ? Path.GetFullPath(path) : null,
                OnConflict = parsed.GetValue(OnConflict),
            };
            options.Check();
            using var input = Open(parsed.GetValue(File));
            await using var connection = database.Connect(parsed);
            await using var importer = await RowImporter.BeginAsync(connection, model, options, cancellationToken).ConfigureAwait(false);
            Read(new RowInput(importer, model, cancellationToken), input, parsed);
            Write(await importer.CompleteAsync(cancellationToken).ConfigureAwait(false), options, output);
            return ExitCode.Done;
        });
        return command;
    }

    private static StreamReader Open(string? path)
    {
        try
        {
            return new StreamReader(path is null ? Console.OpenStandardInput() : System.IO.File.OpenRead(path), Encoding.UTF8);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StreamingException(
                "InputUnreadable", StreamingErrorKind.InvalidInput, $"The file \"{path}\" cannot be read: {exception.Message}", "", path, exception);
        }
    }

    private static void Read(RowInput rows, TextReader input, ParseResult parsed)
    {
        var isCsv = parsed.GetValue(File)?.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) == true;
        switch (parsed.GetValue(Format) ?? (isCsv ? InputFormat.Csv : InputFormat.Json))
        {
            case InputFormat.Csv:
                rows.ReadCsv(input, parsed.GetValue(Table)!);
                break;
            case InputFormat.Json:
                rows.ReadJson(input, parsed.GetValue(Table)!);
                break;
            default:
                rows.ReadRejects(input);
                break;
        }
    }

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
