using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Server;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Makes a connection, tries it, and lets the runspace's other commands use it.</summary>
[Cmdlet(VerbsCommunications.Connect, "StreamingDatabase", DefaultParameterSetName = BySettings)]
[OutputType(typeof(StreamingConnection))]
public sealed class ConnectStreamingDatabaseCommand : SettingsCmdlet
{
    private const string ByServer = "Server";
    private const string ByConnection = "Connection";

    /// <summary>Host name, address or socket folder; or a whole connection URI, connection string or service.</summary>
    [Parameter(ParameterSetName = BySettings, Position = 0)]
    [Alias("ComputerName", "Host")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public override string? HostName { get; set; }

    /// <summary>Private server to connect to.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByServer)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public StreamingServer? Server { get; set; }

    /// <summary>An open connection, which becomes the session's default again.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByConnection)]
    [ValidateNotNull]
    [ConnectionName]
    [ArgumentCompleter(typeof(ConnectionCompleter))]
    public StreamingConnection? Connection { get; set; }

    /// <summary>Name for the connection.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ConnectionCompleter))]
    public string? Name { get; set; }

    /// <summary>Maximum connections that are open at a time.</summary>
    [Parameter]
    [ValidateRange(1, ConnectionParameters.PoolSizeLimit)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public int? MaxPoolSize { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var runspace = RunspaceConnections.OfThisRunspace();
        if (Connection is not null)
        {
            runspace.Use((DatabaseConnection)Connection, Name);
            WriteObject(Connection);
            return;
        }

        var connection = Server is null
            ? SettingsResolver.Resolve(GivenParameters with { MaxPoolSize = MaxPoolSize }, CurrentDirectory, privateServer: runspace.Server)
            : ConnectToServer(Server);
        try
        {
            Await(async stopping =>
            {
                await using var opened = await connection.OpenAsync(stopping).ConfigureAwait(false);
                return opened.ProcessID;
            });
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        runspace.Use(connection, Name);
        WriteObject(connection);
    }

    private DatabaseConnection ConnectToServer(StreamingServer server) =>
        new PrivateServer(server.Path).GetConnectionSettings() is { } settings
            ? new DatabaseConnection(SettingsResolver.WithPoolSize(settings, MaxPoolSize), Schema ?? SettingsResolver.DefaultSchema, ConnectionSource.PrivateServer)
            : throw new StreamingException(
                ErrorIds.ServerNotRunning,
                StreamingErrorKind.ConnectionFailed,
                $"The private server in {server.Path} is not running.",
                "Start it with Start-StreamingServer.",
                server);
}
