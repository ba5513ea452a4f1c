using System.Management.Automation;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>A command that takes the settings of a connection.</summary>
public abstract class SettingsCmdlet : StreamingCmdlet
{
    /// <summary>Parameter set: a connection string.</summary>
    protected const string ByConnectionString = "ConnectionString";

    /// <summary>Parameter set: single settings.</summary>
    protected const string BySettings = "Settings";

    /// <summary>Connection string of Npgsql.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByConnectionString)]
    [ValidateNotNullOrEmpty]
    public string? ConnectionString { get; set; }

    /// <summary>Host name, address or socket folder.</summary>
    [Parameter(ParameterSetName = BySettings)]
    [ValidateNotNullOrEmpty]
    public string? HostName { get; set; }

    /// <summary>Port.</summary>
    [Parameter(ParameterSetName = BySettings)]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>Database name.</summary>
    [Parameter(ParameterSetName = BySettings)]
    [ValidateNotNullOrEmpty]
    public string? Database { get; set; }

    /// <summary>Role and password.</summary>
    [Parameter(ParameterSetName = BySettings)]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>How TLS is used, in Npgsql's words.</summary>
    [Parameter(ParameterSetName = BySettings)]
    [ValidateSet("Disable", "Allow", "Prefer", "Require", "VerifyCA", "VerifyFull")]
    public string? SslMode { get; set; }

    /// <summary>Schema of the tables.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Schema { get; set; }

    /// <summary>The connection settings that were given as parameters.</summary>
    private protected ConnectionParameters GivenParameters => new()
    {
        ConnectionString = ConnectionString,
        HostName = HostName,
        Port = Port,
        Database = Database,
        UserName = Credential?.UserName,
        Password = Credential?.GetNetworkCredential().Password,
        Schema = Schema,
        SslMode = SslMode,
    };
}
