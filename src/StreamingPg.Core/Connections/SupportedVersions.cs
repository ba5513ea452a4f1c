namespace StreamingPg.Core.Connections;

/// <summary>The PostgreSQL versions that every release is tested on.</summary>
internal static class SupportedVersions
{
    /// <summary>Oldest major version; an older server is refused.</summary>
    public const int Oldest = 14;

    /// <summary>Newest major version that was tested; a newer server is not refused.</summary>
    public const int Newest = 18;

    /// <summary>The range, for messages.</summary>
    public static string Text { get; } = $"PostgreSQL {Oldest} to {Newest}";

    /// <summary>Rejects a server that is too old before anything is done on it.</summary>
    /// <param name="version">Version of the server.</param>
    /// <param name="connection">The connection to it, for the message.</param>
    /// <exception cref="StreamingException">The server is older than the oldest supported version.</exception>
    public static void Check(Version version, StreamingConnection connection)
    {
        if (version.Major < Oldest)
        {
            throw new StreamingException(
                ErrorIds.ServerVersionNotSupported,
                StreamingErrorKind.ConnectionFailed,
                $"Connecting to {connection} failed: the server is PostgreSQL {version}, but StreamingPg supports {Text}.",
                $"Upgrade the server (pg_upgrade keeps its data), or connect to {Text}.",
                connection);
        }
    }
}
