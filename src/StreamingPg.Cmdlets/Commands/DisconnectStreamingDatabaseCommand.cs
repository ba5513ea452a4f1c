using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Closes a connection and its pool.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "StreamingDatabase")]
[OutputType(typeof(void))]
public sealed class DisconnectStreamingDatabaseCommand : StreamingCmdlet
{
    /// <summary>Connection to close; without it the runspace's own.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [ConnectionName]
    [ArgumentCompleter(typeof(ConnectionCompleter))]
    public StreamingConnection? Connection { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var runspace = RunspaceConnections.OfThisRunspace();
        if ((Connection ?? runspace.Current) is { } connection)
        {
            runspace.Close(connection);
        }
        else
        {
            WriteVerbose("This session has no connection.");
        }
    }
}
