using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Tests a metadata.json.</summary>
[Cmdlet(VerbsDiagnostic.Test, "StreamingMetadata")]
[OutputType(typeof(MetadataTest), typeof(bool))]
public sealed class TestStreamingMetadataCommand : StreamingCmdlet
{
    /// <summary>Path of a metadata.json, or the document itself.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Path", "FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    [MetadataDocument]
    public string? Metadata { get; set; }

    /// <summary>Gives true or false only.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var test = MetadataTester.Test(MetadataReader.IsText(Metadata!) ? Metadata! : ResolvePath(Metadata!), SessionGenerators.OfThisRunspace());
        WriteObject(Quiet ? test.Valid : test);
    }
}
