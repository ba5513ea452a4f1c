using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Connections;

namespace StreamingPg.Cmdlets.Commands;

/// <content>The connection settings, which only an export of a database has.</content>
public sealed partial class ExportStreamingDataCommand
{
    /// <inheritdoc/>
    [Parameter(ParameterSetName = ByDatabase)]
    [ValidateNotNull]
    [ConnectionName]
    [ArgumentCompleter(typeof(ConnectionCompleter))]
    public override StreamingConnection? Connection { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ByDatabase)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public override string? ConnectionString { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ByDatabase)]
    [Alias("ComputerName", "Host")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public override string? HostName { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ByDatabase)]
    [ValidateRange(ConnectionParameters.MinPort, ConnectionParameters.MaxPort)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public override int? Port { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ByDatabase)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public override string? Database { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ByDatabase)]
    [Credential]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public override PSCredential? Credential { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ByDatabase)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SslModeCompleter))]
    public override string? SslMode { get; set; }
}
