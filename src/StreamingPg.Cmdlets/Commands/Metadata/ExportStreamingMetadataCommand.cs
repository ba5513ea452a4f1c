using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Discovery;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Saves a metadata.json that describes existing tables.</summary>
[Cmdlet(VerbsData.Export, "StreamingMetadata", DefaultParameterSetName = ByConnection, SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportStreamingMetadataCommand : ConnectedCmdlet
{
    private readonly List<string> _tables = [];

    /// <summary>File to save the document in.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

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

    /// <summary>Path of a metadata.json that names sensitive columns.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Metadata { get; set; }

    /// <summary>Replaces an existing file.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord() => _tables.AddRange(Table ?? []);

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        var (connection, path) = (ResolveConnection(), ResolvePath(Path!));
        var options = new DiscoveryOptions
        {
            Tables = [.. _tables.Distinct(StringComparer.Ordinal)],
            LearnFrom = LearnFrom,
            Scale = Scale,
            Sensitive = Metadata is null ? null : MetadataReader.Load(ResolvePath(Metadata)),
        };
        var found = Await(stopping => SchemaDiscovery.ReadAsync(connection, options, stopping));
        foreach (var note in found.Notes)
        {
            WriteWarning(note.ToString());
        }

        if (ShouldProcess(path, $"Save the metadata of {found.Tables.Count} tables"))
        {
            DocumentFile.SaveAsync(path, found.Json, Force, StoppingToken).GetAwaiter().GetResult();
            WriteFile(path);
        }
    }
}
