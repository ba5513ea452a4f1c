using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Analytics;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Shows how alike generated columns are to real ones.</summary>
[Cmdlet(VerbsCommon.Get, "StreamingLikeness", DefaultParameterSetName = ByConnection)]
[OutputType(typeof(ColumnLikeness))]
public sealed class GetStreamingLikenessCommand : ConnectedCmdlet
{
    private readonly List<string> _tables = [];

    /// <summary>What the tables are compared with: <c>schema.table</c>, or a schema with tables of the same names.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public string Against { get; set; } = "";

    /// <summary>The tables to compare; the one of the same name, or all, when they are not given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TableCompleter))]
    public string[]? Table { get; set; }

    /// <summary>About how many rows of each table are enough.</summary>
    [Parameter]
    [ValidateRange(LikenessOptions.MinSampleSize, LikenessOptions.MaxSampleSize)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public int SampleSize { get; set; } = LikenessOptions.DefaultSampleSize;

    /// <summary>The server ends a query that takes longer.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan StatementTimeout { get; set; } = new AnalyticsOptions().StatementTimeout;

    /// <inheritdoc/>
    protected override void OnRecord() => _tables.AddRange(Table ?? []);

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        var connection = ResolveConnection();
        var options = new LikenessOptions
        {
            Against = Against,
            Tables = [.. _tables.Distinct(StringComparer.Ordinal)],
            SampleSize = SampleSize,
            StatementTimeout = StatementTimeout,
        };
        WriteObject(Await(stopping => LikenessReader.ReadAsync(connection, options, stopping)), enumerateCollection: true);
    }
}
