using System.Collections;
using System.Management.Automation;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation.Rules;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Rights;
using StreamingPg.Core.Server;
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
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public virtual string? ConnectionString { get; set; }

    /// <summary>Host name, address or socket folder.</summary>
    [Parameter(ParameterSetName = BySettings)]
    [Alias("ComputerName", "Host")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public virtual string? HostName { get; set; }

    /// <summary>Port.</summary>
    [Parameter(ParameterSetName = BySettings)]
    [ValidateRange(ConnectionParameters.MinPort, ConnectionParameters.MaxPort)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public virtual int? Port { get; set; }

    /// <summary>Database name.</summary>
    [Parameter(ParameterSetName = BySettings)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public virtual string? Database { get; set; }

    /// <summary>Role and password.</summary>
    [Parameter(ParameterSetName = BySettings)]
    [Credential]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public virtual PSCredential? Credential { get; set; }

    /// <summary>How TLS is used, in Npgsql's words.</summary>
    [Parameter(ParameterSetName = BySettings)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SslModeCompleter))]
    public virtual string? SslMode { get; set; }

    /// <summary>Schema of the tables.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [NameList]
    [ArgumentCompleter(typeof(SchemaCompleter))]
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
    [ConnectionName]
    [ArgumentCompleter(typeof(ConnectionCompleter))]
    public virtual StreamingConnection? Connection { get; set; }

    /// <summary>The database to work on; closed at the end of the command when it was made for this command alone.</summary>
    private protected DatabaseConnection ResolveConnection()
    {
        var given = GivenParameters;
        var asked = Connection is not null && given.HasSettings && IsDefaultValue(nameof(Connection)) ? null : Connection;
        if (asked is not null && given.HasSettings)
        {
            throw new StreamingException(
                ErrorIds.ConnectionNotAlone,
                StreamingErrorKind.InvalidInput,
                "-Connection was combined with settings of another connection.",
                "Use only one of them.");
        }

        var runspace = RunspaceConnections.OfThisRunspace();
        var handle = (DatabaseConnection?)asked ?? runspace.Current;
        if (given.HasSettings || (handle is not null && Schema is not null))
        {
            return _own ??= SettingsResolver.Resolve(given, CurrentDirectory, handle, runspace.Server);
        }

        return handle ?? runspace.Find(given, CurrentDirectory);
    }

    /// <summary>True when $PSDefaultParameterValues gives the parameter a value, which gives way to what is typed.</summary>
    private bool IsDefaultValue(string parameter) =>
        GetVariableValue("PSDefaultParameterValues") is IDictionary defaults
        && defaults.Keys.OfType<string>().Select(static key => key.Split(':')).Any(key =>
            key.Length == 2
            && string.Equals(key[1].Trim(), parameter, StringComparison.OrdinalIgnoreCase)
            && WildcardPattern.Get(key[0].Trim(), WildcardOptions.IgnoreCase).IsMatch(MyInvocation.MyCommand.Name));

    /// <summary>What the command does with the database, the usual first: its errors name the rights that are missing for that.</summary>
    private protected virtual IReadOnlyList<ConnectionPurpose> Purposes => [];

    /// <summary>The tables to work on.</summary>
    private protected virtual StreamModel ReadModel() => MetadataReader.Default;

    /// <inheritdoc/>
    private protected override Exception Complete(Exception exception) =>
        exception is StreamingException { ErrorId: ErrorIds.PermissionDenied } error && Purposes.Count > 0
            ? Await(stopping => RightsAdvice.CompleteAsync(error, ResolveConnection(), ReadModel(), Purposes, stopping))
            : exception;

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

/// <summary>A command on the tables of a model.</summary>
public abstract class ModelCmdlet : ConnectedCmdlet
{
    /// <summary>Path of a metadata.json, or the document itself; without it the three default tables are meant.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Path", "FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    [MetadataDocument]
    public virtual string? Metadata { get; set; }

    /// <inheritdoc/>
    private protected override StreamModel ReadModel() => ReadMetadata(Metadata, Generators);

    /// <summary>The generators of the user's own.</summary>
    private protected virtual OwnGenerators Generators => SessionGenerators.OfThisRunspace();
}

/// <summary>A command that analyzes rows in a read-only transaction.</summary>
public abstract class AnalyticsCmdlet : ModelCmdlet
{
    /// <summary>Only rows at or after this time.</summary>
    [Parameter]
    [Instant]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public DateTime? Since { get; set; }

    /// <summary>Only rows before this time.</summary>
    [Parameter]
    [Instant]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public DateTime? Until { get; set; }

    /// <summary>The server ends a query that takes longer.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan StatementTimeout { get; set; } = new AnalyticsOptions().StatementTimeout;

    /// <summary>What was requested, in the engine's words.</summary>
    private protected AnalyticsOptions Options => new()
    {
        Since = Since,
        Until = Until,
        StatementTimeout = StatementTimeout,
    };
}
