using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Connections;

namespace StreamingPg.Cmdlets.Commands;

/// <content>The tables and the database, which every parameter set takes in any form.</content>
public sealed partial class InvokeStreamingBatchCommand
{
    /// <inheritdoc/>
    [Parameter(ParameterSetName = ByBatch, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ByStream, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ByHistory, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ByResume, ValueFromPipelineByPropertyName = true)]
    [Alias("Path", "FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    [MetadataDocument]
    public override string? Metadata { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [ValidateNotNull]
    [ConnectionName]
    [ArgumentCompleter(typeof(ConnectionCompleter))]
    public override StreamingConnection? Connection { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public override string? ConnectionString { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [Alias("ComputerName", "Host")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public override string? HostName { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [ValidateRange(ConnectionParameters.MinPort, ConnectionParameters.MaxPort)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public override int? Port { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public override string? Database { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [Credential]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public override PSCredential? Credential { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SslModeCompleter))]
    public override string? SslMode { get; set; }
}
