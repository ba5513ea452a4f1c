using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Growth;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Shows rows, growth and size of the tables.</summary>
[Cmdlet(VerbsCommon.Get, "StreamingGrowth", DefaultParameterSetName = ByConnection)]
[OutputType(typeof(TableGrowth))]
public sealed class GetStreamingGrowthCommand : ModelCmdlet
{
    /// <summary>How far back growth is counted.</summary>
    [Parameter(Position = 0)]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Period { get; set; } = GrowthReader.DefaultPeriod;

    /// <summary>Takes the planner's estimate of the rows instead of counting them.</summary>
    [Parameter]
    public SwitchParameter Estimate { get; set; }

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Growth];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var model = ReadModel();
        var connection = ResolveConnection();
        WriteObject(
            Await(stopping => GrowthReader.ReadAsync(connection, model, Period, Estimate, stopping)), enumerateCollection: true);
    }
}
