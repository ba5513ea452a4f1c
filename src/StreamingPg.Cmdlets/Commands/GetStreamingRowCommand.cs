using System.Management.Automation;
using StreamingPg.Cmdlets.Import;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Queries;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Reads rows of a table.</summary>
[Cmdlet(VerbsCommon.Get, "StreamingRow", DefaultParameterSetName = ByConnection)]
[OutputType("StreamingPg.Row")]
public sealed class GetStreamingRowCommand : ModelCmdlet
{
    /// <summary>The table.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TableCompleter))]
    public string? Table { get; set; }

    /// <summary>Only rows of this batch.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(BatchIdCompleter))]
    public Guid? BatchId { get; set; }

    /// <summary>Only rows with these keys.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public object[]? Key { get; set; }

    /// <summary>Only this many, picked at random.</summary>
    [Parameter]
    [ValidateRange(1, SampleLimit)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public int? Sample { get; set; }

    /// <summary>Picks the same rows again.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public long? Seed { get; set; }

    /// <summary>Only the first ones.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public int? First { get; set; }

    /// <summary>The server ends a query that takes longer.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan StatementTimeout { get; set; } = ReadOnlySession.DefaultStatementTimeout;

    private const int SampleLimit = RowFilter.SampleLimit;

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Analysis, ConnectionPurpose.Ledger];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var table = TableRows.Find(ReadModel(), Table!);
        var connection = ResolveConnection();
        Run((output, cancellationToken) =>
        {
            var filter = new RowFilter
            {
                BatchId = BatchId,
                Keys = [.. (Key ?? []).Select(static key => key is PSObject wrapped ? wrapped.BaseObject : key)],
                Sample = Sample,
                Seed = Seed,
                First = First,
                StatementTimeout = StatementTimeout,
                Warn = output.Warning,
            };
            return TableRows.ReadAsync(connection, table, filter, values => output.Write(RowObject.OfLive(table, values)), cancellationToken);
        });
    }
}
