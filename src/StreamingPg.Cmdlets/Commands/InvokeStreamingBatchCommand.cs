using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Generates, loads, proves and commits one batch.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "StreamingBatch", DefaultParameterSetName = ByConnection, SupportsShouldProcess = true)]
[OutputType(typeof(BatchResult))]
public sealed class InvokeStreamingBatchCommand : ConnectedCmdlet
{
    /// <summary>New users.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long Users { get; set; } = 10;

    /// <summary>New transactions.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long Transactions { get; set; } = 30;

    /// <summary>New line items.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long Details { get; set; } = 100;

    /// <summary>Share of the new transactions that go to users who were there before.</summary>
    [Parameter]
    [ValidateRange(0.0, 1.0)]
    public double ExistingUserRatio { get; set; } = 0.5;

    /// <summary>Seed of the random values.</summary>
    [Parameter]
    public long? Seed { get; set; }

    /// <summary>No generated time is after this one.</summary>
    [Parameter]
    public DateTime? ReferenceTime { get; set; }

    /// <summary>Locale of names, cities and products.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LocaleCompleter))]
    public string Locale { get; set; } = "en";

    /// <summary>Key of the batch in the ledger.</summary>
    [Parameter]
    public Guid? BatchId { get; set; }

    /// <summary>Most rows of one transaction.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int ChunkSize { get; set; } = BatchOptions.DefaultChunkSize;

    /// <summary>How foreign keys are to be proven.</summary>
    [Parameter]
    public ForeignKeyCheck ForeignKeyCheck { get; set; } = ForeignKeyCheck.Auto;

    /// <summary>Connections that load at the same time.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int Parallel { get; set; } = 1;

    private BatchOptions Options => new()
    {
        Rows = new Dictionary<string, long>
        {
            ["users"] = Users,
            ["transactions"] = Transactions,
            ["detailed_transactions"] = Details,
        },
        ExistingRatio = ExistingUserRatio,
        Seed = Seed,
        ReferenceTime = UtcTime.Of(ReferenceTime),
        Locale = Locale,
        BatchId = BatchId,
        ChunkSize = ChunkSize,
        Parallel = Parallel,
        ForeignKeyCheck = ForeignKeyCheck,
    };

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        var connection = ResolveConnection();
        var options = Options;
        var plan = Describe(options, connection);
        if (!ShouldProcess(plan, $"{plan}?", "Invoke-StreamingBatch"))
        {
            return;
        }

        Run(async (output, stopping) =>
        {
            var progress = new ProgressReporter(output.Progress, $"Loading into {connection}");
            var result = await BatchRunner.RunAsync(connection, MetadataReader.Default, options, progress, stopping).ConfigureAwait(false);
            progress.Complete();
            output.Verbose($"Batch {result.BatchNumber}: foreign keys by {result.ForeignKeyCheck}, because {result.ForeignKeyCheckReason}");
            output.Write(result);
        });
    }

    private static string Describe(BatchOptions options, StreamingConnection connection)
    {
        var rows = options.Rows.Select(static table => new TableCount(table.Key, table.Value)).ToList();
        var total = rows.Sum(static table => (decimal)table.Rows);
        var transactions = Math.Max(1, Math.Ceiling(total / options.ChunkSize));
        var seed = options.Seed is { } given ? $"seed {given}" : "a new seed";
        return $"Load {DisplayText.Tables(rows)} into {connection} (transactions: {transactions:0}, connections: {options.Parallel}, "
            + $"foreign key check: {options.ForeignKeyCheck}, {seed})";
    }
}
