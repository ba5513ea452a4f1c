using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Shows the private server.</summary>
[Cmdlet(VerbsCommon.Get, "StreamingServer")]
[OutputType(typeof(StreamingServer))]
public sealed class GetStreamingServerCommand : ServerCmdlet
{
    /// <inheritdoc/>
    protected override void OnRecord() => WriteObject(Server.GetStatus());
}
