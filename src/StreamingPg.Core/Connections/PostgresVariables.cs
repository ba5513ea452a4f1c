using System.Globalization;
using dotenv.net;
using Npgsql;

namespace StreamingPg.Core.Connections;

/// <summary>The POSTGRES_* variables of one source; an empty one counts as not set.</summary>
internal sealed class PostgresVariables
{
    private const string Prefix = "POSTGRES_";
    private readonly Func<string, string?> _read;
    private readonly string _source;

    private PostgresVariables(Func<string, string?> read, string source)
    {
        _read = read;
        _source = source;
    }

    /// <summary>True when a host or a database is set; a lone password or user is what other programs set, too.</summary>
    public bool NamesDatabase => Get("HOST") is not null || Get("DB") is not null;

    /// <summary>Schema of the tables, or null.</summary>
    public string? Schema => Get("SCHEMA");

    /// <summary>The variables of this process.</summary>
    public static PostgresVariables OfEnvironment() => new(Environment.GetEnvironmentVariable, "the environment");

    /// <summary>The variables of the file .env in a folder, if there is one. The process's environment is not changed.</summary>
    /// <exception cref="StreamingException">The file cannot be read.</exception>
    public static PostgresVariables OfDotEnv(string folder)
    {
        var file = Path.Combine(folder, ".env");
        if (!File.Exists(file))
        {
            return new PostgresVariables(_ => null, file);
        }

        try
        {
            // Values are taken as they stand: a $ in a password is no variable.
            var values = DotEnv.Read(new DotEnvOptions(
                ignoreExceptions: false,
                envFilePaths: [file],
                trimValues: true,
                supportExportSyntax: true,
                supportVariableExpansion: false));
            return new PostgresVariables(name => values.TryGetValue(name, out var value) ? value : null, file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or FormatException)
        {
            // The parser's own words may quote the line, and with it a password.
            throw new StreamingException(
                ErrorIds.DotEnvUnreadable,
                StreamingErrorKind.InvalidInput,
                $"The file {file} is not a valid settings file ({exception.GetType().Name}).",
                "Write each line as NAME=value, and check that you may read the file.",
                file);
        }
    }

    /// <summary>The variables as connection settings.</summary>
    /// <exception cref="StreamingException">The port is not a port.</exception>
    public NpgsqlConnectionStringBuilder ToSettings()
    {
        var host = Get("HOST");
        var settings = ConnectionUri.IsUri(host) ? ConnectionUri.Parse(host!) : new NpgsqlConnectionStringBuilder { Host = host };
        settings.Database = Get("DB") ?? settings.Database;
        settings.Username = Get("USER") ?? settings.Username;
        settings.Password = Get("PASSWORD") ?? settings.Password;
        if (Get("PORT") is { } text)
        {
            settings.Port = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535
                ? port
                : throw new StreamingException(
                    ErrorIds.InvalidPort,
                    StreamingErrorKind.InvalidInput,
                    $"{Prefix}PORT in {_source} is \"{text}\", which is not a valid port.",
                    "Use a number from 1 to 65535.",
                    text);
        }

        return settings;
    }

    private string? Get(string name) => _read(Prefix + name) is { Length: > 0 } value ? value : null;
}
