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

    /// <summary>Private server to connect to.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByServer)]
    [ValidateNotNull]
    public StreamingServer? Server { get; set; }

    /// <summary>Maximum connections that are open at a time.</summary>
    [Parameter]
    [ValidateRange(1, ConnectionParameters.PoolSizeLimit)]
    public int? MaxPoolSize { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var runspace = RunspaceConnections.OfThisRunspace();
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

        runspace.Use(connection);
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
