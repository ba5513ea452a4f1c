using System.Globalization;
using Npgsql;

namespace StreamingPg.Core.Connections;

/// <summary>Settings by the names that libpq has for them: in connection URIs, service files and the PG* variables.</summary>
internal static class LibpqSettings
{
    private static readonly Dictionary<string, Action<NpgsqlConnectionStringBuilder, string>> Setters = new(StringComparer.Ordinal)
    {
        ["host"] = (settings, value) => settings.Host = value,
        ["hostaddr"] = (settings, value) => settings.Host = value,
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

    /// <summary>True for a setting that can be set.</summary>
    public static bool IsKnown(string name) => Setters.ContainsKey(name);

    /// <summary>Sets a setting; an empty value leaves it as it is.</summary>
    /// <returns>False if the setting cannot have the value.</returns>
    public static bool TrySet(NpgsqlConnectionStringBuilder settings, string name, string value)
    {
        try
        {
            if (value.Length > 0)
            {
                Setters[name](settings, value);
            }

            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            return false;
        }
    }

    private static int Port(string value) =>
        int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture) is >= ConnectionParameters.MinPort and <= ConnectionParameters.MaxPort and var port
            ? port
            : throw new FormatException();

    // verify-full is VerifyFull.
    private static T Named<T>(string value)
        where T : struct, Enum =>
        Enum.GetValues<T>().Cast<T?>().FirstOrDefault(
            known => string.Equals(known.ToString(), value.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase))
        ?? throw new FormatException();
}
