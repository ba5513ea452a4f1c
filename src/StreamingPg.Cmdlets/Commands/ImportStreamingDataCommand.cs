using System.Management.Automation;
using StreamingPg.Cmdlets.Import;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;

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
    private RowReaders? _readers;
    private RowImporter? _importer;
    private ProgressReporter? _progress;
    private long _rows;

    /// <summary>Rows: records of New-Streaming*, or any objects when a table is named.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject? InputObject { get; set; }

    /// <summary>Table that the rows go to.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TableCompleter))]
    public string? Table { get; set; }

    /// <summary>Path of a metadata.json. Not by property name, as in other commands: rows are piped here, and may have such columns.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public override string? Metadata { get; set; }

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
    protected override void OnBegin()
    {
        _options = new ImportOptions
        {
            OnError = OnError,
            RejectPath = RejectPath is null ? null : ResolvePath(RejectPath),
            OnConflict = OnConflict,
        };
        _options.Check();
        _model = ReadModel();
        _connection = ResolveConnection();
        _readers = new RowReaders(_model, Table);
        _progress = new ProgressReporter(WriteProgress, $"Importing into {_connection}");
    }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        if (InputObject!.BaseObject is not Array list)
        {
            Import(InputObject);
            return;
        }

        foreach (var item in list)
        {
            Import(PSObject.AsPSObject(item));
        }
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        if (_importer is { } importer)
        {
            var results = Await(importer.CompleteAsync);
            _progress!.Complete();
            if (results.Sum(static result => result.Rejected) is > 0 and var rejected)
            {
                WriteWarning($"{DisplayText.Count(rejected)} rows were rejected; {_options!.RejectPath} has them with the reasons.");
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

    private void Import(PSObject input)
    {
        var reader = _readers!.For(input);
        if (!IsWanted(reader))
        {
            return;
        }

        _importer ??= Await(stopping => RowImporter.BeginAsync(_connection!, _model!, _options!, stopping));
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
