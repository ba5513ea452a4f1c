using StreamingPg.Core.Files;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading.Import;

/// <summary>A file, or a stream, whose rows are imported.</summary>
internal sealed record InputFile
{
    /// <summary>Path of the file; null for a stream.</summary>
    public string? Path { get; init; }

    /// <summary>How its rows are written; null goes by its name: CSV for .csv and .tsv, else JSON.</summary>
    public InputFormat? Format { get; init; }

    /// <summary>Table that the rows go to; not needed for rejects.</summary>
    public string? Table { get; init; }

    /// <summary>What stands between the fields of CSV; null for a comma, or the tab of a .tsv file.</summary>
    public string? Delimiter { get; init; }

    /// <summary>Name of the encoding; null for UTF-8. A byte-order mark goes before it.</summary>
    public string? Encoding { get; init; }

    /// <summary>How its text is written.</summary>
    public InputForm Form { get; init; } = new();

    /// <summary>The format that is meant.</summary>
    public InputFormat ActualFormat => Format ?? (HasExtension(".csv") || HasExtension(".tsv") ? InputFormat.Csv : InputFormat.Json);

    /// <summary>Rejects what cannot be read, before anything touches the database.</summary>
    /// <exception cref="StreamingException">The options contradict each other, or one is unknown.</exception>
    public void Check()
    {
        if (Table is null && ActualFormat != InputFormat.Rejects)
        {
            throw Invalid("No table was given for the rows.", "Use -Table (--table).");
        }

        if (Delimiter is not null && ActualFormat != InputFormat.Csv)
        {
            throw Invalid($"A delimiter was given, but the format is {ActualFormat}.", "Omit the delimiter, or use -Format Csv (--format Csv).");
        }

        _ = DelimiterCharacter();
        _ = InputEncoding.Find(Encoding);
        Form.Check();
    }

    /// <summary>Hands all rows to an import.</summary>
    /// <param name="importer">Takes the rows.</param>
    /// <param name="model">The tables.</param>
    /// <param name="stream">What is read instead of the file; closed at the end.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">The file cannot be read, or ends inside something unfinished; or a row is faulty, and
    /// is not to be rejected.</exception>
    public void ReadInto(RowImporter importer, StreamModel model, Stream? stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(importer);
        ArgumentNullException.ThrowIfNull(model);
        using var text = new EncodedText(stream ?? Open(), InputEncoding.Find(Encoding));
        var rows = new InputRows(importer, model, Form, cancellationToken);
        try
        {
            switch (ActualFormat)
            {
                case InputFormat.Csv:
                    rows.ReadCsv(new CsvReader(text, DelimiterCharacter()), Table!);
                    break;
                case InputFormat.Json:
                    rows.ReadJson(text, Table!);
                    break;
                default:
                    rows.ReadRejects(text);
                    break;
            }
        }
        catch (IOException exception)
        {
            throw Unreadable(exception);
        }
    }

    /// <summary>Opens the file.</summary>
    /// <exception cref="StreamingException">It cannot be opened.</exception>
    public Stream Open()
    {
        try
        {
            return File.OpenRead(Path!);
        }
        catch (Exception exception) when (UserFile.IsError(exception) || exception is ArgumentException)
        {
            throw Unreadable(exception);
        }
    }

    private StreamingException Unreadable(Exception exception) => UserFile.Error(
        ErrorIds.InputUnreadable,
        StreamingErrorKind.InvalidInput,
        Path is null ? "The input cannot be read" : $"The file \"{Path}\" cannot be read",
        "Check its path and your permissions.",
        Path,
        exception);

    private char DelimiterCharacter() => (Delimiter ?? (HasExtension(".tsv") ? "\t" : ",")) switch
    {
        [not ('"' or '\r' or '\n' or '\0') and var character] => character,
        "\\t" or "tab" => '\t',
        _ => throw Invalid($"\"{Delimiter}\" is not a valid delimiter.", "Use one character, such as ;, or tab."),
    };

    private bool HasExtension(string extension) => Path?.EndsWith(extension, StringComparison.OrdinalIgnoreCase) == true;

    private static StreamingException Invalid(string problem, string remedy) =>
        new(ErrorIds.ImportOptionInvalid, StreamingErrorKind.InvalidInput, problem, remedy);
}
