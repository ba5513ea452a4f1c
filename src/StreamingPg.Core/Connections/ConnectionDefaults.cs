using System.Reflection;
using Npgsql;

namespace StreamingPg.Core.Connections;

/// <summary>Settings that suit work without a person watching. What the user set himself stays.</summary>
internal static class ConnectionDefaults
{
    private const int KeepAliveSeconds = 30;
    private const int KeepAliveProbeSeconds = 10;
    private const int PreparedStatements = 64;
    private const int HostTimeoutSeconds = 5;
    private const int HostMemorySeconds = 3600;
    private const int LocalSendBufferBytes = 212_992;

    /// <summary>Version of this product.</summary>
    public static string? Version { get; } = typeof(ConnectionDefaults).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];

    /// <summary>Name under which sessions show in pg_stat_activity.</summary>
    public static string ApplicationName { get; } = "StreamingPg/" + Version;

    /// <summary>A copy of <paramref name="settings"/> with what the user left open filled in.</summary>
    public static NpgsqlConnectionStringBuilder Apply(NpgsqlConnectionStringBuilder settings)
    {
        var complete = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        SetIfOpen("Host", () => complete.Host = "localhost");
        SetIfOpen("Application Name", () => complete.ApplicationName = ApplicationName);

        // Of several hosts the one is meant that takes writes: while one takes over from another, both may answer.
        if (complete.Host!.Contains(',', StringComparison.Ordinal))
        {
            SetIfOpen("Target Session Attributes", () => complete.TargetSessionAttributes = "read-write");

            // A host that does not answer at all is waited for before the next one is tried. So not for long, and not again and again: what
            // is known of the hosts holds until something fails, and then it is forgotten (ConnectionPool).
            SetIfOpen("Timeout", () => complete.Timeout = HostTimeoutSeconds);
            SetIfOpen("Host Recheck Seconds", () => complete.HostRecheckSeconds = HostMemorySeconds);
        }

        // A load or a check may rightly take hours, so no statement is cut off by time. What must not hang for ever is a
        // wait for a server that is gone: keep-alives notice that, also in the middle of a statement.
        SetIfOpen("Command Timeout", () => complete.CommandTimeout = 0);
        SetIfOpen("Keepalive", () => complete.KeepAlive = KeepAliveSeconds);
        if (IsSocketFolder(complete.Host))
        {
            // A local socket wakes the sender when three quarters of its buffer are read. The kernel doubles what it is told, and Linux permits
            // this much as it comes; with half of it, the server waits for the rows of a COPY in between (6 % of the time of 1.4 million rows).
            SetIfOpen("Socket Send Buffer Size", () => complete.SocketSendBufferSize = LocalSendBufferBytes);
        }
        else
        {
            SetIfOpen("TCP Keepalive", () => complete.TcpKeepAlive = true);
            SetIfOpen("TCP Keepalive Time", () => complete.TcpKeepAliveTime = KeepAliveSeconds);
            SetIfOpen("TCP Keepalive Interval", () => complete.TcpKeepAliveInterval = KeepAliveProbeSeconds);
        }

        // A small batch is the same few statements every time: the server should plan them once per connection.
        SetIfOpen("Max Auto Prepare", () => complete.MaxAutoPrepare = PreparedStatements);
        SetIfOpen("Auto Prepare Min Usages", () => complete.AutoPrepareMinUsages = 2);

        // Nothing that a session of ours sets outlives its transaction, so there is nothing to reset between two uses.
        SetIfOpen("No Reset On Close", () => complete.NoResetOnClose = true);

        // The detail of an error names the conflicting keys; without it nobody finds the row.
        SetIfOpen("Include Error Detail", () => complete.IncludeErrorDetail = true);
        return complete;

        void SetIfOpen(string keyword, Action set)
        {
            if (!settings.ShouldSerialize(keyword))
            {
                set();
            }
        }
    }

    private static bool IsSocketFolder(string? host) => host is not null && (host.StartsWith('/') || host.StartsWith('@'));
}
