using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Tests a metadata.json.</summary>
[Cmdlet(VerbsDiagnostic.Test, "StreamingMetadata")]
[OutputType(typeof(MetadataTest), typeof(bool))]
public sealed class TestStreamingMetadataCommand : StreamingCmdlet
{
    /// <summary>Path of the file.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Path", "FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string? Metadata { get; set; }

    /// <summary>Gives true or false only.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var test = MetadataTester.Test(ResolvePath(Metadata!));
        WriteObject(Quiet ? test.Valid : test);
    }
}
