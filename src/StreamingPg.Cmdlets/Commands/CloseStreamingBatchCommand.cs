using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Retention;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Closes an unfinished batch.</summary>
[Cmdlet(VerbsCommon.Close, "StreamingBatch", DefaultParameterSetName = ByConnection, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ClosedBatch))]
public sealed class CloseStreamingBatchCommand : ModelCmdlet
{
    /// <summary>Key of the batch in the ledger.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(IncompleteBatchIdCompleter))]
    public Guid BatchId { get; set; }

    /// <summary>What happens to the rows that were loaded.</summary>
    [Parameter]
    public ClosedRows Rows { get; set; } = ClosedRows.Keep;

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Close];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var model = ReadModel();
        var connection = ResolveConnection();
        var plan = Await(stopping => BatchCloser.PlanAsync(connection, model, BatchId, Rows, stopping));
        var text = $"Close batch {BatchId}, of which {plan.ChunksLoaded} of {plan.Chunks} chunks are loaded ({DisplayText.Tables(plan.Loaded)}), and "
            + (Rows == ClosedRows.Keep ? "keep its rows" : "remove its rows, unless other rows refer to them");
        if (ShouldProcess(text, $"{text}?", "Close-StreamingBatch"))
        {
            WriteObject(Await(stopping => BatchCloser.CloseAsync(connection, model, BatchId, Rows, stopping)));
        }
    }
}
