using Npgsql;

namespace StreamingPg.Core.Connections;

/// <summary>
/// Reads connection URIs: postgresql://user:password@host:port,host:port/database?name=value&amp;…, percent codes in every place.
/// Source of the form: "Connection URIs" in the documentation of libpq. What it says is never shown, since it may hold a password.
/// </summary>
internal static class ConnectionUri
{
    private const string Service = "service";

    /// <summary>True for a text that is meant as a connection URI.</summary>
    public static bool IsUri(string? text) =>
        text is not null
        && (text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase));

    /// <summary>The settings that a connection URI gives.</summary>
    /// <exception cref="StreamingException">It is not one, or has a setting that is not known.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string uri)
    {
        var rest = uri[(uri.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var (beforeQuery, query) = Cut(rest, '?');
        var (authority, database) = Cut(beforeQuery, '/');
        var pairs = (query ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries).Select(static pair => Cut(pair, '='))
            .Select(static pair => (Name: Decoded(pair.Before), Value: pair.After ?? "")).ToList();
        var service = pairs.LastOrDefault(static pair => pair.Name == Service).Value;
        var settings = string.IsNullOrEmpty(service) ? new NpgsqlConnectionStringBuilder() : ServiceFile.Read(Decoded(service));
        var at = authority.LastIndexOf('@');
        if (at >= 0)
        {
            var (user, password) = Cut(authority[..at], ':');
            Set(settings, "user", user);
            Set(settings, "password", password);
        }

        SetHosts(settings, authority[(at + 1)..]);
        Set(settings, "dbname", database);
        foreach (var (name, value) in pairs.Where(static pair => pair.Name != Service))
        {
            Set(settings, name, value);
        }

        return settings;
    }

    private static void SetHosts(NpgsqlConnectionStringBuilder settings, string hosts)
    {
        if (hosts.Length == 0)
        {
            return;
        }

        if (hosts.Contains('@', StringComparison.Ordinal))
        {
            throw Invalid("its host has an @");
        }

        if (hosts.Contains(',', StringComparison.Ordinal))
        {
            settings.Host = Decoded(hosts); // the driver reads host:port,host:port itself
            return;
        }

        // The colons of an IPv6 address stand in brackets.
        var colon = hosts.LastIndexOf(':');
        var (host, port) = colon > hosts.LastIndexOf(']') ? (hosts[..colon], hosts[(colon + 1)..]) : (hosts, null);
        Set(settings, "host", host.TrimStart('[').TrimEnd(']'));
        Set(settings, "port", port);
    }

    private static void Set(NpgsqlConnectionStringBuilder settings, string name, string? value)
    {
        if (!LibpqSettings.IsKnown(name))
        {
            throw Invalid($"it has the setting \"{name}\", which is not supported");
        }

        if (value is { Length: > 0 } && !LibpqSettings.TrySet(settings, name, Decoded(value)))
        {
            throw Invalid($"its {name} is invalid");
        }
    }

    private static (string Before, string? After) Cut(string text, char at) =>
        text.IndexOf(at, StringComparison.Ordinal) is >= 0 and var index ? (text[..index], text[(index + 1)..]) : (text, null);

    private static string Decoded(string text) => Uri.UnescapeDataString(text);

    private static StreamingException Invalid(string reason) => new(
        ErrorIds.InvalidConnectionString,
        StreamingErrorKind.InvalidInput,
        $"The connection URI is invalid: {reason} (it is not shown, because it may hold a password).",
        "Its form is postgresql://user:password@host:5432/database?sslmode=require; write special characters as percent codes, such as %40 for @.");
}
