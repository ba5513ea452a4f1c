using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Lists the batches that the ledger has, or sums them up.</summary>
[Cmdlet(VerbsCommon.Get, "StreamingBatch", DefaultParameterSetName = ByConnection)]
[OutputType(typeof(LedgerEntry), typeof(LedgerSummary))]
public sealed class GetStreamingBatchCommand : ConnectedCmdlet
{
    /// <summary>Only this batch.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(BatchIdCompleter))]
    public Guid? BatchId { get; set; }

    /// <summary>Only this many of the latest ones.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public int? Last { get; set; }

    /// <summary>Only those committed at or after this time.</summary>
    [Parameter]
    [Instant]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public DateTime? Since { get; set; }

    /// <summary>Only those committed before this time.</summary>
    [Parameter]
    [Instant]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public DateTime? Until { get; set; }

    /// <summary>Only those of this status.</summary>
    [Parameter]
    public LedgerStatus? Status { get; set; }

    /// <summary>Sums them up.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <summary>The stretch of time of one line of the summary.</summary>
    [Parameter]
    public LedgerPeriod Per { get; set; } = LedgerPeriod.Hour;

    /// <summary>The server ends a query that takes longer.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan StatementTimeout { get; set; } = new LedgerFilter().StatementTimeout;

    private LedgerFilter Filter => new()
    {
        BatchId = BatchId,
        Last = Last,
        Since = Since,
        Until = Until,
        Status = Status,
        StatementTimeout = StatementTimeout,
    };

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Ledger];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        if (!Summary && MyInvocation.BoundParameters.ContainsKey(nameof(Per)))
        {
            throw new StreamingException(
                ErrorIds.NeedsSummary, StreamingErrorKind.InvalidInput, $"-{nameof(Per)} needs -Summary.", "Add -Summary.", nameof(Per));
        }

        var connection = ResolveConnection();
        if (Summary)
        {
            WriteObject(Await(stopping => LedgerSummaryReader.ReadAsync(connection, Filter, Per, stopping)), enumerateCollection: true);
        }
        else
        {
            WriteObject(Await(stopping => LedgerReader.ReadAsync(connection, Filter, stopping)), enumerateCollection: true);
        }
    }
}
