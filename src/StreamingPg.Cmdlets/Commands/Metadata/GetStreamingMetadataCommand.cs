using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Discovery;
using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Shows how each column is filled, or describes the tables of a live schema as metadata.</summary>
[Cmdlet(VerbsCommon.Get, "StreamingMetadata", DefaultParameterSetName = ByConnection, SupportsShouldProcess = true)]
[OutputType(typeof(StreamingColumn), typeof(string), typeof(FileInfo))]
public sealed class GetStreamingMetadataCommand : ModelCmdlet
{
    private readonly List<string> _tables = [];

    /// <inheritdoc/>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    [MetadataDocument]
    public override string? Metadata { get; set; }

    /// <summary>Reads the tables from the catalogs of the database.</summary>
    [Parameter]
    public SwitchParameter FromDatabase { get; set; }

    /// <summary>The tables; their parents are added.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TableCompleter))]
    public string[]? Table { get; set; }

    /// <summary>Takes over how the values that are there are distributed.</summary>
    [Parameter]
    public SwitchParameter LearnFrom { get; set; }

    /// <summary>Rows of a batch for each existing row.</summary>
    [Parameter]
    [ValidateRange(DiscoveryOptions.MinScale, DiscoveryOptions.MaxScale)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public double? Scale { get; set; }

    /// <summary>File to save the document in.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Replaces an existing file.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        if (FromDatabase)
        {
            _tables.AddRange(Table ?? []);
        }
        else if (LearnFrom || Scale is not null || Path is not null)
        {
            throw new StreamingException(
                ErrorIds.NeedsDatabase,
                StreamingErrorKind.InvalidInput,
                $"-{(LearnFrom ? nameof(LearnFrom) : Scale is not null ? nameof(Scale) : nameof(Path))} needs -FromDatabase.",
                "Add -FromDatabase.");
        }
        else
        {
            WriteObject(ColumnList.Of(ReadModel(), Table ?? []), enumerateCollection: true);
        }
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        if (FromDatabase)
        {
            Describe();
        }
    }

    private void Describe()
    {
        var connection = ResolveConnection();
        var options = new DiscoveryOptions
        {
            Tables = [.. _tables.Distinct(StringComparer.Ordinal)],
            LearnFrom = LearnFrom,
            Scale = Scale,
            Sensitive = Metadata is null ? null : ReadModel(),
        };
        var found = Await(stopping => SchemaDiscovery.ReadAsync(connection, options, stopping));
        foreach (var note in found.Notes)
        {
            WriteWarning(note.ToString());
        }

        if (Path is null)
        {
            WriteObject(found.Json);
            return;
        }

        var path = ResolvePath(Path);
        if (ShouldProcess(path, $"Save the metadata of {found.Tables.Count} tables"))
        {
            DocumentFile.SaveAsync(path, found.Json, Force, StoppingToken).GetAwaiter().GetResult();
            WriteFile(path);
        }
    }
}
