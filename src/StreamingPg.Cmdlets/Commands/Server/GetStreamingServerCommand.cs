using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Server;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Shows the private server, or all there are.</summary>
[Cmdlet(VerbsCommon.Get, "StreamingServer")]
[OutputType(typeof(StreamingServer))]
public sealed class GetStreamingServerCommand : ServerCmdlet
{
    /// <summary>Shows every server of this user, wherever its folder is.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        if (!All)
        {
            WriteObject(FindServer().GetStatus());
            return;
        }

        if (Path is not null)
        {
            throw new StreamingException(
                ErrorIds.AllWithPath, StreamingErrorKind.InvalidInput, "-All and -Path exclude each other.", "-All shows all servers; -Path shows one.");
        }

        WriteObject(PrivateServer.GetAll(), enumerateCollection: true);
    }
}
