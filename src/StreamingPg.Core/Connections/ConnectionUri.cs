using System.Globalization;
using Npgsql;

namespace StreamingPg.Core.Connections;

/// <summary>
/// Reads connection URIs: postgresql://user:password@host:port,host:port/database?name=value&amp;…, percent codes in every place.
/// Source of the form: "Connection URIs" in the documentation of libpq. What it says is never shown, since it may hold a password.
/// </summary>
internal static class ConnectionUri
{
    private static readonly Dictionary<string, Action<NpgsqlConnectionStringBuilder, string>> Settings = new(StringComparer.Ordinal)
    {
        ["host"] = (settings, value) => settings.Host = value,
        ["port"] = (settings, value) => settings.Port = Port(value),
        ["dbname"] = (settings, value) => settings.Database = value,
        ["user"] = (settings, value) => settings.Username = value,
        ["password"] = (settings, value) => settings.Password = value,
        ["passfile"] = (settings, value) => settings.Passfile = value,
        ["application_name"] = (settings, value) => settings.ApplicationName = value,
        ["client_encoding"] = (settings, value) => settings.ClientEncoding = value,
        ["connect_timeout"] = (settings, value) => settings.Timeout = int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture),
        ["options"] = (settings, value) => settings.Options = value,
        ["sslmode"] = (settings, value) => settings.SslMode = Named<SslMode>(value),
        ["sslrootcert"] = (settings, value) => settings.RootCertificate = value,
        ["sslcert"] = (settings, value) => settings.SslCertificate = value,
        ["sslkey"] = (settings, value) => settings.SslKey = value,
        ["sslpassword"] = (settings, value) => settings.SslPassword = value,
        ["channel_binding"] = (settings, value) => settings.ChannelBinding = Named<ChannelBinding>(value),
        ["krbsrvname"] = (settings, value) => settings.KerberosServiceName = value,
        ["load_balance_hosts"] = (settings, value) => settings.LoadBalanceHosts = value == "random",
        ["target_session_attrs"] = (settings, value) => settings.TargetSessionAttributes = value,
    };

    /// <summary>True for a text that is meant as a connection URI.</summary>
    public static bool IsUri(string? text) =>
        text is not null
        && (text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase));

    /// <summary>The settings that a connection URI gives.</summary>
    /// <exception cref="StreamingException">It is not one, or has a setting that is not known.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string uri)
    {
        var settings = new NpgsqlConnectionStringBuilder();
        var rest = uri[(uri.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var (beforeQuery, query) = Cut(rest, '?');
        var (authority, database) = Cut(beforeQuery, '/');
        var at = authority.LastIndexOf('@');
        if (at >= 0)
        {
            var (user, password) = Cut(authority[..at], ':');
            Set(settings, "user", user);
            Set(settings, "password", password);
        }

        SetHosts(settings, authority[(at + 1)..]);
        Set(settings, "dbname", database);
        foreach (var pair in (query ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Cut(pair, '=');
            Set(settings, Decoded(name), value ?? "");
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
        if (!Settings.TryGetValue(name, out var set))
        {
            throw Invalid($"it has the setting \"{name}\", which is not supported");
        }

        if (value is not { Length: > 0 })
        {
            return;
        }

        try
        {
            set(settings, Decoded(value));
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            throw Invalid($"its {name} is invalid");
        }
    }

    private static int Port(string value) =>
        int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture) is >= 1 and <= 65535 and var port ? port : throw new FormatException();

    // verify-full is VerifyFull.
    private static T Named<T>(string value)
        where T : struct, Enum =>
        Enum.GetValues<T>().Cast<T?>().FirstOrDefault(
            known => string.Equals(known.ToString(), value.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase))
        ?? throw new FormatException();

    private static (string Before, string? After) Cut(string text, char at) =>
        text.IndexOf(at, StringComparison.Ordinal) is >= 0 and var index ? (text[..index], text[(index + 1)..]) : (text, null);

    private static string Decoded(string text) => Uri.UnescapeDataString(text);

    private static StreamingException Invalid(string reason) => new(
        ErrorIds.InvalidConnectionString,
        StreamingErrorKind.InvalidInput,
        $"The connection URI is invalid: {reason} (it is not shown, because it may hold a password).",
        "Its form is postgresql://user:password@host:5432/database?sslmode=require; write special characters as percent codes, such as %40 for @.");
}
