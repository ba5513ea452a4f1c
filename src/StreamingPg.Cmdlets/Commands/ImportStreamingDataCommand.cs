using System.Collections;
using System.Data;
using System.Globalization;
using System.Management.Automation;
using StreamingPg.Cmdlets.Import;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Loads objects from the pipeline in one transaction.</summary>
[Cmdlet(VerbsData.Import, "StreamingData", DefaultParameterSetName = ByConnection, SupportsShouldProcess = true)]
[OutputType(typeof(ImportResult))]
public sealed class ImportStreamingDataCommand : ModelCmdlet
{
    private const int RowsBetweenReports = 4096;

    private readonly Dictionary<RowReader, bool> _wanted = [];
    private DatabaseConnection? _connection;
    private StreamModel? _model;
    private ImportOptions? _options;
    private InputFile _file = new();
    private RowReaders? _readers;
    private RowImporter? _importer;
    private ProgressReporter? _progress;
    private long _rows;

    /// <summary>Rows: records of New-Streaming*, or any objects when a table is named.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public PSObject? InputObject { get; set; }

    /// <summary>Table that the rows go to.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TableCompleter))]
    public string? Table { get; set; }

    /// <summary>Path of a metadata.json. Not by property name, as in other commands: rows are piped here, and may have such columns.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [MetadataDocument]
    public override string? Metadata { get; set; }

    /// <summary>File that is read instead of the pipeline.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>How the rows of the file are written.</summary>
    [Parameter]
    public InputFormat? Format { get; set; }

    /// <summary>What separates the fields of a CSV file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public string? Delimiter { get; set; }

    /// <summary>Encoding of the file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public string? Encoding { get; set; }

    /// <summary>Culture that dates and numbers are written in.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(CultureCompleter))]
    public CultureInfo? Culture { get; set; }

    /// <summary>Format of dates.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public string? DateFormat { get; set; }

    /// <summary>Takes empty text as no value.</summary>
    [Parameter]
    public SwitchParameter EmptyAsNull { get; set; }

    /// <summary>What happens to rows that cannot be loaded.</summary>
    [Parameter]
    public ImportErrorAction OnError { get; set; }

    /// <summary>File that gets the rejected rows.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RejectPath { get; set; }

    /// <summary>What happens to rows whose key is there.</summary>
    [Parameter]
    public ConflictAction OnConflict { get; set; }

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Import];

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        _options = new ImportOptions
        {
            OnError = OnError,
            RejectPath = RejectPath is null ? null : ResolvePath(RejectPath),
            OnConflict = OnConflict,
        };
        _options.Check();
        var form = new InputForm { Culture = Culture, DateFormat = DateFormat, EmptyAsNull = EmptyAsNull };
        form.Check();
        CheckSource(form);
        _model = ReadModel();
        _connection = ResolveConnection();
        _readers = new RowReaders(_model, Table, form);
        _progress = new ProgressReporter(WriteProgress, "Importing");
    }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        switch (InputObject?.BaseObject)
        {
            case null:
                break;
            case DataTable table:
                ImportAll(table.Rows);
                break;
            case IDataReader reader:
                while (reader.Read())
                {
                    Import(InputObject);
                }

                break;
            case IList list:
                ImportAll(list);
                break;
            default:
                Import(InputObject);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        if (_file.Path is not null)
        {
            ImportFile(_file);
        }

        if (_importer is { } importer)
        {
            var results = Await(importer.CompleteAsync);
            _progress!.Complete();
            if (results.Sum(static result => result.Rejected) is > 0 and var rejected)
            {
                WriteWarning($"{DisplayText.Count(rejected)} rows were rejected; {_options!.RejectPath} lists them with the reasons.");
            }

            WriteObject(results, enumerateCollection: true);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _importer?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        base.Dispose(disposing);
    }

    /// <summary>Rows come from the pipeline or from a file.</summary>
    private void CheckSource(InputForm form)
    {
        var isPiped = MyInvocation.ExpectingInput || InputObject is not null;
        if ((Path is null) != isPiped)
        {
            throw OptionInvalid(Path is null ? "There is nothing to import." : "Rows came both from the pipeline and from a file.");
        }

        _file = new InputFile
        {
            Path = Path is null ? null : ResolvePath(Path), Format = Format, Table = Table, Delimiter = Delimiter, Encoding = Encoding, Form = form,
        };
        if (Path is not null)
        {
            _file.Check();
            _file.Open().Dispose();
        }
    }

    private static StreamingException OptionInvalid(string problem) =>
        new(ErrorIds.ImportOptionInvalid, StreamingErrorKind.InvalidInput, problem, "Pipe rows or files, or name a file with -Path.");

    // Rows of the pipeline may go to several tables, and so may rejects.
    private Task<RowImporter> Begin(CancellationToken stopping) => RowImporter.BeginAsync(
        _connection!, _model!, _options! with { IsOneTable = Path is not null && _file.ActualFormat != InputFormat.Rejects }, stopping);

    private void ImportAll(IEnumerable rows)
    {
        foreach (var row in rows)
        {
            Import(PSObject.AsPSObject(row ?? throw new StreamingException(
                ErrorIds.InputNotRow, StreamingErrorKind.InvalidInput, "An item of the list is null.", "Remove it: it is not a row.")));
        }
    }

    /// <summary>Imports the rows of a piped file of Get-ChildItem; an error says in which file it is.</summary>
    private void ImportPiped(FileInfo info)
    {
        var file = _file with { Path = info.FullName };
        try
        {
            file.Check();
            ImportFile(file);
        }
        catch (StreamingException exception) when (!exception.Message.Contains(info.FullName, StringComparison.Ordinal))
        {
            throw new StreamingException(
                exception.ErrorId, exception.Kind, $"File \"{info.FullName}\": {exception.Problem}", exception.Remedy, exception.Target, exception)
            {
                SqlState = exception.SqlState,
            };
        }
    }

    private void ImportFile(InputFile file)
    {
        if (ShouldProcess($"{file.Path} to {_connection}", "Import rows"))
        {
            using var stream = file.Open();
            _importer ??= Await(Begin);
            file.ReadInto(_importer, _model!, stream, StoppingToken);
        }
    }

    private void Import(PSObject input)
    {
        if (input.BaseObject is FileInfo file)
        {
            ImportPiped(file);
            return;
        }

        if ((Format, Delimiter, Encoding) is not (null, null, null))
        {
            throw OptionInvalid("-Format, -Delimiter and -Encoding need a file, but a row was piped.");
        }

        var reader = _readers!.For(input);
        if (!IsWanted(reader))
        {
            return;
        }

        _importer ??= Await(Begin);
        var values = reader.Read(input);
        _importer.Add(reader.Table, values, reader.Given);
        if (++_rows % RowsBetweenReports == 0)
        {
            StoppingToken.ThrowIfCancellationRequested();
            _progress!.Report(new BatchProgress("loading", _rows, 0));
        }
    }

    private bool IsWanted(RowReader reader)
    {
        if (!_wanted.TryGetValue(reader, out var wanted))
        {
            wanted = ShouldProcess($"table {reader.Table.Name} on {_connection}", "Import rows");
            _wanted.Add(reader, wanted);
        }

        return wanted;
    }
}
