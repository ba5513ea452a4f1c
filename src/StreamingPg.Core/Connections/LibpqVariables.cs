using Npgsql;

namespace StreamingPg.Core.Connections;

/// <summary>
/// The variables that psql takes its settings from: PGHOST and its family, PGSERVICE. Only those that the driver does not read itself; an
/// empty one counts as not set. Source: "Environment Variables" in the documentation of libpq.
/// </summary>
internal static class LibpqVariables
{
    private static readonly (string Variable, string Setting)[] Settings =
    [
        ("PGHOST", "host"),
        ("PGHOSTADDR", "hostaddr"),
        ("PGPORT", "port"),
        ("PGDATABASE", "dbname"),
        ("PGSSLMODE", "sslmode"),
        ("PGCHANNELBINDING", "channel_binding"),
        ("PGKRBSRVNAME", "krbsrvname"),
        ("PGCONNECT_TIMEOUT", "connect_timeout"),
        ("PGAPPNAME", "application_name"),
    ];

    private static readonly string[] Naming = ["PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE"];

    /// <summary>Every variable that decides which settings are found.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. Settings.Select(static setting => setting.Variable), "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGUSER", "PGPASSWORD", "PGPASSFILE"];

    /// <summary>True when a host, a database or a service is named; a lone port or mode says nothing about which server is meant.</summary>
    public static bool NameDatabase => Array.Exists(Naming, static name => Get(name) is not null);

    /// <summary>The variables as connection settings: those of the service first, and the others for what it leaves open.</summary>
    /// <exception cref="StreamingException">A variable is invalid, or there is no such service.</exception>
    public static NpgsqlConnectionStringBuilder ToSettings()
    {
        var settings = new NpgsqlConnectionStringBuilder();
        foreach (var (variable, setting) in Settings)
        {
            if (Get(variable) is { } value && !LibpqSettings.TrySet(settings, setting, value))
            {
                throw new StreamingException(
                    variable == "PGPORT" ? ErrorIds.InvalidPort : ErrorIds.InvalidConnectionString,
                    StreamingErrorKind.InvalidInput,
                    $"{variable} in the environment is \"{value}\", which is not a valid {setting}.",
                    "Correct or remove the variable.",
                    value);
            }
        }

        return Get("PGSERVICE") is { } service ? Merge(settings, ServiceFile.Read(service)) : settings;
    }

    private static NpgsqlConnectionStringBuilder Merge(NpgsqlConnectionStringBuilder settings, NpgsqlConnectionStringBuilder over)
    {
        foreach (string key in over.Keys)
        {
            settings[key] = over[key];
        }

        return settings;
    }

    private static string? Get(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
