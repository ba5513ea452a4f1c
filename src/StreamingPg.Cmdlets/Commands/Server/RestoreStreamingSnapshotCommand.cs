using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Snapshots;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Sets a database back to a snapshot.</summary>
[Cmdlet(VerbsData.Restore, "StreamingSnapshot", DefaultParameterSetName = ByConnection, SupportsShouldProcess = true)]
[OutputType(typeof(StreamingSnapshot))]
public sealed class RestoreStreamingSnapshotCommand : SnapshotCmdlet
{
    /// <summary>Name of the snapshot.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    public string Name { get; set; } = SnapshotStore.DefaultName;

    /// <summary>Ends the sessions that are open on the database.</summary>
    [Parameter]
    public SwitchParameter EndSession { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var connection = ResolveConnection();
        if (ShouldProcess($"{connection}", $"Replace database \"{connection.Database}\" by snapshot \"{Name}\"; what was changed since is lost"))
        {
            WriteObject(OnSnapshots((store, stopping) => store.RestoreAsync(Name, EndSession, stopping)));
        }
    }
}
