using Npgsql;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Server;

/// <summary>
/// Finds the settings of a connection, in this order: parameters, the session's connection, POSTGRES_* environment
/// variables, PGHOST and its family, a .env file in the current folder, the running private server.
/// </summary>
/// <remarks>
/// A source counts when it names a database server: POSTGRES_HOST or POSTGRES_DB for the variables (or PGHOST, PGDATABASE, PGSERVICE). Sources are not
/// mixed, with these exceptions. A single parameter such as the database name replaces that setting of the first source
/// below, or of localhost when there is none; a host or a connection string starts over and takes nothing from below; a
/// role without a password drops the password of another role. The schema is looked up on its own: parameter, the
/// session's when its database is used, POSTGRES_SCHEMA of the environment, then of .env, then
/// <see cref="DefaultSchema"/>. What is left open after that is PostgreSQL's own to decide: PGPASSFILE, PGUSER,
/// PGSSLROOTCERT and the like keep working.
/// </remarks>
internal static class SettingsResolver
{
    /// <summary>The schema that is used when no setting names one.</summary>
    public const string DefaultSchema = "streaming";

    /// <summary>How TLS may be used, in Npgsql's words.</summary>
    public static IReadOnlyList<string> SslModes { get; } = Enum.GetNames<SslMode>();

    /// <summary>Makes a handle from the first source that names a database. The caller disposes it.</summary>
    /// <param name="parameters">What the user gave on the command.</param>
    /// <param name="currentDirectory">Folder in which .env is looked for.</param>
    /// <param name="session">The session's connection, or null. It stays open whatever happens to the handle that is returned.</param>
    /// <param name="privateServer">The server to fall back to; null means the one in its default folder.</param>
    /// <exception cref="StreamingException">No source names a database, or a setting is unusable.</exception>
    public static DatabaseConnection Resolve(
        ConnectionParameters parameters,
        string currentDirectory,
        DatabaseConnection? session = null,
        PrivateServer? privateServer = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(currentDirectory);
        var environment = PostgresVariables.OfEnvironment();
        var dotEnv = new Lazy<PostgresVariables>(() => PostgresVariables.OfDotEnv(currentDirectory));
        if (parameters.ConnectionString is not null || parameters.HostName is not null)
        {
            return Connect(OwnSettings(parameters), ConnectionSource.Parameter);
        }

        if (session is not null)
        {
            return parameters.HasSettings
                ? new DatabaseConnection(Override(session.CopySettings(), parameters), parameters.Schema ?? session.Schema, ConnectionSource.Parameter)
                : session.WithSchema(parameters.Schema ?? session.Schema);
        }

        if (environment.NamesDatabase)
        {
            return Complete(environment.ToSettings(), ConnectionSource.Environment);
        }

        if (LibpqVariables.NameDatabase)
        {
            return Complete(LibpqVariables.ToSettings(), ConnectionSource.Environment);
        }

        if (dotEnv.Value.NamesDatabase)
        {
            return Complete(dotEnv.Value.ToSettings(), ConnectionSource.DotEnv);
        }

        if ((privateServer ?? new PrivateServer()).GetConnectionSettings() is { } running)
        {
            return Complete(running, ConnectionSource.PrivateServer);
        }

        return parameters.Database is not null || parameters.Port is not null ? Connect(OwnSettings(parameters), ConnectionSource.Parameter) : throw NotConfigured();

        DatabaseConnection Complete(NpgsqlConnectionStringBuilder settings, ConnectionSource source) =>
            parameters.HasSettings ? Connect(Override(settings, parameters), ConnectionSource.Parameter) : Connect(settings, source);

        DatabaseConnection Connect(NpgsqlConnectionStringBuilder settings, ConnectionSource source) =>
            new(WithPoolSize(settings, parameters.MaxPoolSize), parameters.Schema ?? environment.Schema ?? dotEnv.Value.Schema ?? DefaultSchema, source);
    }

    /// <summary>Settings with the size of the pool that was requested.</summary>
    /// <exception cref="StreamingException">There is no pool of that size.</exception>
    public static NpgsqlConnectionStringBuilder WithPoolSize(NpgsqlConnectionStringBuilder settings, int? size)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (size is { } most)
        {
            settings.MaxPoolSize = most is >= 1 and <= ConnectionParameters.PoolSizeLimit ? most : throw new StreamingException(
                ErrorIds.InvalidPoolSize,
                StreamingErrorKind.InvalidInput,
                $"The pool size {most} is out of range.",
                $"Use 1 to {ConnectionParameters.PoolSizeLimit}.",
                most);
        }

        return settings;
    }

    private static NpgsqlConnectionStringBuilder OwnSettings(ConnectionParameters parameters)
    {
        if (parameters.ConnectionString is null)
        {
            // A whole connection string, URI or service is taken in place of a host: as psql does, and typed without a parameter name.
            return IsWhole(parameters.HostName)
                ? Override(Parse(parameters.HostName!), parameters with { HostName = null })
                : Override(new NpgsqlConnectionStringBuilder(), parameters);
        }

        if ((parameters with { ConnectionString = null }).HasSettings)
        {
            throw new StreamingException(
                ErrorIds.ConnectionStringNotAlone,
                StreamingErrorKind.InvalidInput,
                "A connection string was combined with other connection settings.",
                "Add the settings to the connection string, or use only single settings.");
        }

        return Parse(parameters.ConnectionString);
    }

    private static bool IsWhole(string? host) =>
        host is not null && !host.StartsWith('/') && (ConnectionUri.IsUri(host) || host.Contains('=', StringComparison.Ordinal));

    private static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        if (ServiceFile.NameIn(connectionString) is { } service)
        {
            return ServiceFile.Read(service);
        }

        if (ConnectionUri.IsUri(connectionString))
        {
            return ConnectionUri.Parse(connectionString);
        }

        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            // The cause is left out on purpose: it may quote a piece of a password that holds a semicolon.
            throw new StreamingException(
                ErrorIds.InvalidConnectionString,
                StreamingErrorKind.InvalidInput,
                "The connection string is invalid (it is not shown, because it may contain a password).",
                "Use the form Host=...;Port=5432;Database=...;Username=...;Password=..., and double quotes around values with ; or =.");
        }
    }

    private static NpgsqlConnectionStringBuilder Override(NpgsqlConnectionStringBuilder settings, ConnectionParameters parameters)
    {
        settings.Host = parameters.HostName is { } host ? CheckedHost(host) : settings.Host;
        settings.Port = parameters.Port is { } port ? CheckedPort(port) : settings.Port;
        settings.Database = parameters.Database ?? settings.Database;
        settings.Password = parameters.Password ?? (parameters.UserName is null || parameters.UserName == settings.Username ? settings.Password : null);
        settings.Username = parameters.UserName ?? settings.Username;
        settings.SslMode = parameters.SslMode is { } mode ? CheckedSslMode(mode) : settings.SslMode;
        return settings;
    }

    // What looks like the address of a web page may hold a password, so it is not shown. A socket's name may begin with an @.
    private static string CheckedHost(string host) =>
        host.Contains("://", StringComparison.Ordinal) || host.LastIndexOf('@') > 0
            ? throw new StreamingException(
                ErrorIds.InvalidHostName,
                StreamingErrorKind.InvalidInput,
                "The host name is invalid (it is not shown, because it may hold a password).",
                "Give a host name, an address or a socket folder, or a URI such as postgresql://user@host:5432/database.")
            : host;

    private static int CheckedPort(int port) =>
        port is >= ConnectionParameters.MinPort and <= ConnectionParameters.MaxPort
            ? port
            : throw new StreamingException(
                ErrorIds.InvalidPort,
                StreamingErrorKind.InvalidInput,
                $"{port} is not a valid port.",
                $"Use a number from {ConnectionParameters.MinPort} to {ConnectionParameters.MaxPort}.",
                port);

    private static SslMode CheckedSslMode(string mode) =>
        Enum.TryParse<SslMode>(mode, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed)
            ? parsed
            : throw new StreamingException(
                ErrorIds.InvalidSslMode,
                StreamingErrorKind.InvalidInput,
                $"\"{mode}\" is not an SSL mode.",
                $"Use one of {string.Join(", ", SslModes)}.",
                mode);

    private static StreamingException NotConfigured() => new(
        ErrorIds.NotConfigured,
        StreamingErrorKind.NotConfigured,
        "No setting says which database to use, and no private server is running.",
        "Start one with Start-StreamingServer (streamingpg server start), name a database with Connect-StreamingDatabase, "
        + "or set POSTGRES_HOST, POSTGRES_PORT, POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB in the environment or in a .env file; "
        + "PGHOST and PGSERVICE work, too.");
}
