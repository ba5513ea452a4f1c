using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Snapshots;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Saves a database as a snapshot.</summary>
[Cmdlet(VerbsData.Save, "StreamingSnapshot", DefaultParameterSetName = ByConnection, SupportsShouldProcess = true)]
[OutputType(typeof(StreamingSnapshot))]
public sealed class SaveStreamingSnapshotCommand : SnapshotCmdlet
{
    /// <summary>Name of the snapshot.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    public string Name { get; set; } = SnapshotStore.DefaultName;

    /// <summary>Replaces a snapshot of this name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Ends the sessions that are open on the database.</summary>
    [Parameter]
    public SwitchParameter EndSession { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var connection = ResolveConnection();
        if (ShouldProcess($"{connection}", $"Save database \"{connection.Database}\" as snapshot \"{Name}\""))
        {
            WriteObject(OnSnapshots((store, stopping) => store.SaveAsync(Name, Force, EndSession, stopping)));
        }
    }
}
