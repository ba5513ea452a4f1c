using System.Management.Automation;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Server;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>
/// A command that works on a database. Which one: its parameters, else the runspace's connection, else what the
/// surroundings say (environment, .env, private server).
/// </summary>
public abstract class ConnectedCmdlet : SettingsCmdlet
{
    /// <summary>Parameter set: a handle, or nothing.</summary>
    protected const string ByConnection = "Connection";

    private DatabaseConnection? _own;

    /// <summary>Handle from Connect-StreamingDatabase.</summary>
    [Parameter(ParameterSetName = ByConnection)]
    [ValidateNotNull]
    public StreamingConnection? Connection { get; set; }

    /// <summary>The database to work on; closed at the end of the command when it was made for this command alone.</summary>
    private protected DatabaseConnection ResolveConnection()
    {
        var runspace = RunspaceConnections.OfThisRunspace();
        var handle = (DatabaseConnection?)Connection ?? runspace.Current;
        if (ParameterSetName != ByConnection || (handle is not null && Schema is not null))
        {
            return _own ??= SettingsResolver.Resolve(GivenParameters, CurrentDirectory, handle, runspace.Server);
        }

        return handle ?? runspace.Find(GivenParameters, CurrentDirectory);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _own?.Dispose();
        }

        base.Dispose(disposing);
    }
}
