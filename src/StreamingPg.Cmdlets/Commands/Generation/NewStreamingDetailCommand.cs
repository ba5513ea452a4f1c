using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Records;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Makes line items of given or existing transactions.</summary>
[Cmdlet(VerbsCommon.New, "StreamingDetail", DefaultParameterSetName = ByParent)]
[OutputType(typeof(StreamingDetail), typeof(StreamingTransaction), typeof(StreamingUser))]
public sealed class NewStreamingDetailCommand : ChildGeneratorCmdlet
{
    private readonly List<StreamingTransaction> _transactions = [];

    /// <summary>Transactions that the lines belong to.</summary>
    [Parameter(ValueFromPipeline = true, ParameterSetName = ByParent)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public StreamingTransaction[] Transaction { get; set; } = [];

    /// <summary>Users on the pipeline, from New-StreamingTransaction -PassThru; only passed on.</summary>
    [Parameter(ValueFromPipeline = true, ParameterSetName = ByParent)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public StreamingUser[] User { get; set; } = [];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        _transactions.AddRange(Transaction);
        if (PassThru)
        {
            WriteObject(User, enumerateCollection: true);
        }
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        var options = Options;
        if (Existing)
        {
            var connection = ResolveConnection();
            options = Await(stopping => RecordGenerator.ForExistingAsync(connection, Options, stopping));
            _transactions.AddRange(Await(
                stopping => RecordGenerator.SampleTransactionsAsync(connection, SampleSize, options, stopping)));
        }

        foreach (var (transaction, lines) in RecordGenerator.MakeDetails(_transactions, Count, options))
        {
            StoppingToken.ThrowIfCancellationRequested();
            if (PassThru)
            {
                WriteObject(transaction);
            }

            WriteObject(lines, enumerateCollection: true);
        }
    }
}
