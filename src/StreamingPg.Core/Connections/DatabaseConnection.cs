using System.Net.Sockets;
using Npgsql;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Connections;

/// <summary>The handle behind <see cref="StreamingConnection"/>: one pooled <see cref="NpgsqlDataSource"/> and a schema.</summary>
internal sealed class DatabaseConnection : StreamingConnection
{
    private readonly NpgsqlConnectionStringBuilder _settings;
    private readonly ConnectionPool _pool;
    private readonly bool _ownsPool = true;

    /// <summary>Makes a handle; nothing is opened yet.</summary>
    /// <param name="settings">Connection settings; not kept in any text that is shown.</param>
    /// <param name="schema">Schema of the tables; need not exist yet.</param>
    /// <param name="source">Where the settings came from.</param>
    /// <exception cref="StreamingException">The schema's name cannot be one.</exception>
    public DatabaseConnection(NpgsqlConnectionStringBuilder settings, string schema, ConnectionSource source)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Schema = CheckedSchema(schema);
        Source = source;
        _settings = ConnectionDefaults.Apply(settings);
        UnreadPasswordFile = SharedPasswordFile.Exclude(_settings);
        _pool = new ConnectionPool(_settings);
    }

    private DatabaseConnection(DatabaseConnection other, string schema)
    {
        _settings = other._settings;
        _ownsPool = false;
        Schema = CheckedSchema(schema);
        Source = other.Source;
        UnreadPasswordFile = other.UnreadPasswordFile;
        _pool = other._pool;
    }

    /// <summary>The pool of connections; made when it is first used.</summary>
    /// <exception cref="StreamingException">The settings contradict each other.</exception>
    public NpgsqlDataSource DataSource => _pool.Source;

    /// <inheritdoc/>
    public override string Name => SessionName;

    /// <inheritdoc/>
    public override bool IsDefault => IsSessionDefault;

    /// <summary>Name that a session of PowerShell gave it.</summary>
    public string SessionName { get; set; } = "";

    /// <summary>True while it is what a session's commands use.</summary>
    public bool IsSessionDefault { get; set; }

    /// <inheritdoc/>
    public override string HostName => _settings.Host ?? "";

    /// <inheritdoc/>
    public override int Port => _settings.Port;

    /// <inheritdoc/>
    public override string Database => _settings.Database ?? "";

    /// <inheritdoc/>
    public override string UserName => _settings.Username ?? "";

    /// <inheritdoc/>
    public override string Schema { get; }

    /// <inheritdoc/>
    public override ConnectionSource Source { get; }

    /// <summary>The password file that was not read because other accounts may read it, too; null when there is none.</summary>
    public string? UnreadPasswordFile { get; private init; }

    /// <summary>
    /// Opens a connection from the pool. A failure becomes a <see cref="StreamingException"/> with its remedy, and so does a
    /// server that is too old.
    /// </summary>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection? open = null;
        try
        {
            open = await _pool.OpenAsync(cancellationToken).ConfigureAwait(false);
            SupportedVersions.Check(open.PostgreSqlVersion, this);
            return open;
        }
        catch (StreamingException) when (open is not null)
        {
            await open.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or SocketException or IOException)
        {
            throw ServerError.Translate(exception, this, ServerError.Connecting);
        }
    }

    /// <summary>True when an error says that this is not, or no longer, the one of several hosts that takes writes; the next connection finds it.</summary>
    public bool MustFindHost(Exception exception)
    {
        var isOtherHost = _settings.Host!.Contains(',', StringComparison.Ordinal)
            && exception is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction };
        if (isOtherHost)
        {
            _pool.ForgetHosts();
        }

        return isOtherHost;
    }

    /// <summary>The quoted name of a table in the schema.</summary>
    public string Quote(string table) => Identifier.Quote(Schema, table);

    /// <summary>A handle to another schema of the same database. It shares this one's pool and closes nothing when disposed.</summary>
    public DatabaseConnection WithSchema(string schema) => new(this, schema);

    /// <summary>Another handle to the same database and schema, with a pool of its own, for work that outlives this one.</summary>
    public DatabaseConnection Copy() => new(CopySettings(), Schema, Source) { UnreadPasswordFile = UnreadPasswordFile };

    /// <summary>A handle to the primary of the standby that this one reads from; null when none is wanted, or only one host is known.</summary>
    public DatabaseConnection? CopyForPrimary()
    {
        if (_settings.TargetSessionAttributes is not ("standby" or "prefer-standby" or "read-only") || !_settings.Host!.Contains(',', StringComparison.Ordinal))
        {
            return null;
        }

        var settings = CopySettings();
        settings.TargetSessionAttributes = "primary";
        return new DatabaseConnection(settings, Schema, Source) { UnreadPasswordFile = UnreadPasswordFile };
    }

    /// <summary>
    /// A handle to the same database and schema for statements that come once each: preparing them would only cost, and one that the
    /// server refuses would spoil those that are prepared with it.
    /// </summary>
    public DatabaseConnection WithoutPreparing()
    {
        var settings = CopySettings();
        settings.MaxAutoPrepare = 0;
        return new DatabaseConnection(settings, Schema, Source) { UnreadPasswordFile = UnreadPasswordFile };
    }

    /// <summary>True when the other handle was made with the same settings, the password included.</summary>
    public bool HasSettingsOf(DatabaseConnection other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Schema == other.Schema && Source == other.Source && _settings.EquivalentTo(other._settings);
    }

    /// <summary>A copy of the settings, the password included: for whoever makes another connection of it.</summary>
    internal NpgsqlConnectionStringBuilder CopySettings() => new(_settings.ConnectionString);

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_ownsPool)
        {
            _pool.Dispose();
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _ownsPool ? _pool.DisposeAsync() : ValueTask.CompletedTask;

    private static string CheckedSchema(string schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return Identifier.WhyInvalid(schema) is { } reason
            ? throw new StreamingException(
                ErrorIds.InvalidSchemaName,
                StreamingErrorKind.InvalidInput,
                $"\"{schema.Replace("\0", "\\0", StringComparison.Ordinal)}\" is not a valid schema name: {reason}.",
                "Quotes and blanks are allowed.",
                schema)
            : schema;
    }
}
