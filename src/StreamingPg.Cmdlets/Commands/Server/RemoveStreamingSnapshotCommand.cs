using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Snapshots;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Removes a snapshot.</summary>
[Cmdlet(VerbsCommon.Remove, "StreamingSnapshot", DefaultParameterSetName = ByConnection, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(StreamingSnapshot))]
public sealed class RemoveStreamingSnapshotCommand : SnapshotCmdlet
{
    /// <summary>Name of the snapshot.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    public string? Name { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var connection = ResolveConnection();
        if (ShouldProcess($"{connection}", $"Remove snapshot \"{Name}\" of database \"{connection.Database}\""))
        {
            WriteObject(OnSnapshots((store, stopping) => store.RemoveAsync(Name!, stopping)));
        }
    }
}
