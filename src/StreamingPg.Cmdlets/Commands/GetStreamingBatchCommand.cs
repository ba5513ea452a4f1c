using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Loading;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Lists the batches that the ledger has.</summary>
[Cmdlet(VerbsCommon.Get, "StreamingBatch", DefaultParameterSetName = ByConnection)]
[OutputType(typeof(LedgerEntry))]
public sealed class GetStreamingBatchCommand : ConnectedCmdlet
{
    /// <summary>Only this batch.</summary>
    [Parameter(Position = 0)]
    public Guid? BatchId { get; set; }

    /// <summary>At most so many, the latest ones.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Last { get; set; } = int.MaxValue;

    /// <summary>Only those committed at or after this time.</summary>
    [Parameter]
    public DateTime? Since { get; set; }

    /// <summary>Only those of this status.</summary>
    [Parameter]
    public LedgerStatus? Status { get; set; }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        var connection = ResolveConnection();
        WriteObject(
            Await(stopping => LedgerReader.ReadAsync(connection, Last, UtcTime.Of(Since), Status, BatchId, stopping)),
            enumerateCollection: true);
    }
}
