using Npgsql;
using StreamingPg.Core.Files;

namespace StreamingPg.Core.Connections;

/// <summary>
/// Reads services, named sets of settings, from pg_service.conf as psql does: the file of PGSERVICEFILE or the user's own first, then the
/// machine's. Source: "The Connection Service File" in the documentation of libpq. Values are never shown: one may be a password.
/// </summary>
internal static class ServiceFile
{
    /// <summary>The files, in the order in which they are looked at; they need not exist.</summary>
    public static IReadOnlyList<string> Paths
    {
        get
        {
            var user = Environment.GetEnvironmentVariable("PGSERVICEFILE") is { Length: > 0 } named ? named : UserPath;
            string[] folders = Environment.GetEnvironmentVariable("PGSYSCONFDIR") is { Length: > 0 } folder ? [folder]
                : OperatingSystem.IsWindows() ? []
                : ["/etc/postgresql-common", "/etc"]; // Debian's, and that of a server built with its defaults
            return [user, .. folders.Select(static folder => Path.Combine(folder, "pg_service.conf"))];
        }
    }

    /// <summary>The name in <c>service=name</c>; null for any other text.</summary>
    public static string? NameIn(string? text) =>
        text is not null && text.StartsWith("service=", StringComparison.OrdinalIgnoreCase) && !text.Contains(';', StringComparison.Ordinal)
            ? text["service=".Length..].Trim()
            : null;

    /// <summary>The settings of a service.</summary>
    /// <exception cref="StreamingException">No file has the service, or it cannot be read.</exception>
    public static NpgsqlConnectionStringBuilder Read(string service)
    {
        foreach (var file in Paths.Where(File.Exists))
        {
            if (Find(file, service) is { } settings)
            {
                return settings;
            }
        }

        throw new StreamingException(
            ErrorIds.ServiceNotFound,
            StreamingErrorKind.NotFound,
            $"The connection service \"{service}\" is in none of the files {string.Join(", ", Paths)}.",
            $"Add a section [{service}] with lines such as host=db.example.com to one of them, or name another file in PGSERVICEFILE.",
            service);
    }

    private static string UserPath => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "postgresql", ".pg_service.conf")
        : Path.Combine(
            Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? home : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
            ".pg_service.conf");

    private static NpgsqlConnectionStringBuilder? Find(string file, string service)
    {
        NpgsqlConnectionStringBuilder? settings = null;
        var number = 0;
        foreach (var line in Lines(file).Select(static line => line.Trim()))
        {
            number++;
            if (line.StartsWith('['))
            {
                if (settings is not null)
                {
                    break;
                }

                settings = line == $"[{service}]" ? new NpgsqlConnectionStringBuilder() : null;
            }
            else if (settings is not null && line.Length > 0 && !line.StartsWith('#'))
            {
                Set(settings, line, file, number);
            }
        }

        return settings;
    }

    private static void Set(NpgsqlConnectionStringBuilder settings, string line, string file, int number)
    {
        var at = line.IndexOf('=', StringComparison.Ordinal);
        var name = at < 0 ? "" : line[..at].Trim();
        if (at < 0 || !LibpqSettings.IsKnown(name) || !LibpqSettings.TrySet(settings, name, line[(at + 1)..].Trim()))
        {
            throw Invalid(file, number, at < 0 ? "it does not have the form name=value"
                : LibpqSettings.IsKnown(name) ? $"its {name} is invalid"
                : $"the setting \"{name}\" is not supported");
        }
    }

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception exception) when (UserFile.IsError(exception))
        {
            throw UserFile.Error(
                ErrorIds.InvalidServiceFile,
                StreamingErrorKind.InvalidInput,
                $"The service file {file} cannot be read",
                "Check that you may read it.",
                file,
                exception);
        }
    }

    private static StreamingException Invalid(string file, int line, string reason) => new(
        ErrorIds.InvalidServiceFile,
        StreamingErrorKind.InvalidInput,
        $"Line {line} of the service file {file} is invalid: {reason} (it is not shown, because it may hold a password).",
        "Write lines such as host=db.example.com, port=5432, dbname=shop and user=loader below [name].",
        file);
}
