using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Analytics;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Shows how children are spread over their parents.</summary>
[Cmdlet(VerbsCommon.Get, "StreamingRelationship", DefaultParameterSetName = ByConnection)]
[OutputType(typeof(TableRelationship))]
public sealed class GetStreamingRelationshipCommand : AnalyticsCmdlet
{
    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Analysis];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var model = ReadModel();
        var connection = ResolveConnection();
        WriteObject(
            Await(stopping => RelationshipReader.ReadAsync(connection, model, Options, stopping)), enumerateCollection: true);
    }
}
