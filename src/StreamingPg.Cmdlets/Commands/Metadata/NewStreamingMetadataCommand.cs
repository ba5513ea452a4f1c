using System.Collections;
using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Discovery;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Gives a metadata.json to begin with.</summary>
[Cmdlet(VerbsCommon.New, "StreamingMetadata", SupportsShouldProcess = true)]
[OutputType(typeof(string), typeof(FileInfo))]
public sealed class NewStreamingMetadataCommand : StreamingCmdlet
{
    /// <summary>The model to begin with.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string Model { get; set; } = MetadataModel.All[0].Name;

    /// <summary>File to save it in.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Replaces an existing file.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var json = MetadataModel.Find(Model).Read();
        if (Path is null)
        {
            WriteObject(json);
            return;
        }

        var path = ResolvePath(Path);
        if (ShouldProcess(path, $"Save the metadata of model {Model}"))
        {
            DocumentFile.SaveAsync(path, json, Force, StoppingToken).GetAwaiter().GetResult();
            WriteFile(path);
        }
    }
}

/// <summary>Completes the models that metadata can begin with.</summary>
public sealed class ModelCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) =>
        MetadataModel.All.Select(static model => (model.Name, model.Description));
}
