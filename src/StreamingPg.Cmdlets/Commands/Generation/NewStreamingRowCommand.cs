using System.Collections;
using System.Management.Automation;
using StreamingPg.Cmdlets.Import;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Model;
using StreamingPg.Core.Records;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Makes rows of any table, of given or existing parents.</summary>
[Cmdlet(VerbsCommon.New, "StreamingRow", DefaultParameterSetName = ByParent)]
[OutputType("StreamingPg.Row")]
public sealed class NewStreamingRowCommand : ChildGeneratorCmdlet
{
    private StreamModel? _model;
    private TableModel? _table;
    private RowReaders? _readers;
    private RowMaker? _maker;

    /// <summary>Table that the rows are for.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TableCompleter))]
    public string? Table { get; set; }

    /// <summary>Path of a metadata.json, or the document itself; without it the three default tables are meant.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [MetadataDocument]
    public string? Metadata { get; set; }

    /// <summary>Generators of your own, by table.column.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ColumnGeneratorCompleter))]
    public IDictionary? Generator { get; set; }

    /// <summary>Assemblies with generators of your own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? GeneratorPath { get; set; }

    /// <summary>Rows to refer to, of one or more tables.</summary>
    [Parameter(ValueFromPipeline = true, ParameterSetName = ByParent)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public PSObject? Parent { get; set; }

    /// <inheritdoc/>
    private protected override StreamModel Tables => _model ?? base.Tables;

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        _model = ReadMetadata(Metadata, SessionGenerators.With(Generator, GeneratorPath?.Select(ResolvePath)));
        _table = InputTable.Find(_model, Table!).Table;
        _readers = new RowReaders(_model, table: null, new InputForm());
        _maker = new RowMaker(_model, Options);
    }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        if (Parent is null)
        {
            return;
        }

        var reader = _readers!.For(Parent);
        var values = reader.Read(Parent).ToArray();
        _maker!.AddParent(reader.Table, values);
        if (PassThru)
        {
            WriteObject(Parent);
        }
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        var rows = Existing ? Await(MakeForExistingAsync) : _maker!.Make(_table!, Count);
        WriteEach(rows.Select(values => RowObject.Of(_table!, values)));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _maker?.Dispose();
        }

        base.Dispose(disposing);
    }

    private Task<IEnumerable<object?[]>> MakeForExistingAsync(CancellationToken stopping) =>
        _maker!.MakeForExistingAsync(ResolveConnection(), _table!, Count, stopping);
}
