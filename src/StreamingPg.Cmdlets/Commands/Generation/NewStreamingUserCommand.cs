using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Records;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Makes users.</summary>
[Cmdlet(VerbsCommon.New, "StreamingUser")]
[OutputType(typeof(StreamingUser))]
public sealed class NewStreamingUserCommand : GeneratorCmdlet
{
    /// <inheritdoc/>
    protected override void OnEnd() => WriteEach(RecordGenerator.MakeUsers(Count, Options));
}
