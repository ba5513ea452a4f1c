using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Snapshots;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Lists the snapshots of a database.</summary>
[Cmdlet(VerbsCommon.Get, "StreamingSnapshot", DefaultParameterSetName = ByConnection)]
[OutputType(typeof(StreamingSnapshot))]
public sealed class GetStreamingSnapshotCommand : SnapshotCmdlet
{
    /// <summary>Only this one.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    public string? Name { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord() => WriteObject(
        OnSnapshots((store, stopping) => store.GetAsync(Name, stopping)), enumerateCollection: true);
}
