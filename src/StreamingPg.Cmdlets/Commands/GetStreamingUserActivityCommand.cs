using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Shows the busiest users.</summary>
[Cmdlet(VerbsCommon.Get, "StreamingUserActivity", DefaultParameterSetName = ByConnection)]
[OutputType(typeof(UserActivity))]
public sealed class GetStreamingUserActivityCommand : AnalyticsCmdlet
{
    /// <summary>Maximum number of results.</summary>
    [Parameter(Position = 0)]
    [ValidateRange(1, int.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public int Top { get; set; } = UserActivityReader.DefaultTop;

    /// <summary>What makes a user come first.</summary>
    [Parameter]
    public UserActivityOrder SortBy { get; set; } = UserActivityOrder.TransactionCount;

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Analysis];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var model = ReadModel();
        var connection = ResolveConnection();
        WriteObject(
            Await(stopping => UserActivityReader.ReadAsync(connection, model, Top, SortBy, Options, stopping)), enumerateCollection: true);
    }
}
