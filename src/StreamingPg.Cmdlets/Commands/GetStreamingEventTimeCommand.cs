using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Analytics;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Shows when the events of a table happened, and how late they were loaded.</summary>
[Cmdlet(VerbsCommon.Get, "StreamingEventTime", DefaultParameterSetName = ByConnection)]
[OutputType(typeof(EventTimeCount))]
public sealed class GetStreamingEventTimeCommand : AnalyticsCmdlet
{
    /// <summary>The table; the largest with a row timestamp when it is not given.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TableCompleter))]
    public string? Table { get; set; }

    /// <summary>What the events are counted by.</summary>
    [Parameter]
    public EventTimeGrouping By { get; set; }

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Analysis];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var model = ReadModel();
        var connection = ResolveConnection();
        WriteObject(
            Await(stopping => EventTimeReader.ReadAsync(connection, model, Table, By, Options, stopping)), enumerateCollection: true);
    }
}
