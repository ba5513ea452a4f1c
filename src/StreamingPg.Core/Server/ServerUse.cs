using System.Globalization;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Server;

/// <summary>Who and what is in the way of work that needs a private server to itself.</summary>
internal static class ServerUse
{
    private const int Attempts = 3;

    private const string SessionsSql =
        """
        SELECT coalesce(nullif(application_name, ''), 'a session'), coalesce(datname::text, ''), backend_start, pid
        FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY backend_start
        """;

    private static readonly TimeSpan EndInterval = TimeSpan.FromMilliseconds(150);

    /// <summary>Who is connected to the server; nobody if it does not run. Sessions that were closed a moment ago are waited for.</summary>
    public static async Task<IReadOnlyList<string>> ReadSessionsAsync(PrivateServer server, CancellationToken cancellationToken)
    {
        var sessions = new List<string>();
        for (var attempt = 1; server.GetConnectionSettings() is { } settings; attempt++)
        {
            sessions.Clear();
            settings.Pooling = false;
            await using var connection = new DatabaseConnection(settings, SettingsResolver.DefaultSchema, ConnectionSource.PrivateServer);
            await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
            await session.QueryAsync(
                SessionsSql,
                row => sessions.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{row.GetString(0)} in {row.GetString(1)} since {DisplayText.Instant(row.GetDateTime(2))} (process {row.GetInt32(3)})")),
                cancellationToken).ConfigureAwait(false);
            if (sessions.Count == 0 || attempt == Attempts)
            {
                break;
            }

            await Task.Delay(EndInterval, cancellationToken).ConfigureAwait(false);
        }

        return sessions;
    }

    /// <summary>Refuses to end sessions that nobody said may end.</summary>
    /// <exception cref="StreamingException">There are some.</exception>
    public static void Refuse(string path, IReadOnlyList<string> sessions)
    {
        if (sessions.Count > 0)
        {
            throw new StreamingException(
                ErrorIds.ServerInUse,
                StreamingErrorKind.InvalidInput,
                $"Sessions are open on the server in {path}: {string.Join("; ", sessions)}.",
                "Stop what they belong to, such as a stream, or end them with -Force (--force).",
                path);
        }
    }

    /// <summary>The error for a folder without a server.</summary>
    public static StreamingException NotCreated(string path) => new(
        ErrorIds.ServerNotCreated,
        StreamingErrorKind.NotFound,
        $"There is no server in {path}.",
        "Name its folder with -Path (--path); Get-StreamingServer -All (streamingpg server status --all) lists all servers.",
        path);

    /// <summary>Size of the cluster without its WAL.</summary>
    public static long DataBytes(ServerFolder folder)
    {
        var log = Path.Combine(folder.Data, "pg_wal") + Path.DirectorySeparatorChar;
        var all = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        return new DirectoryInfo(folder.Data).EnumerateFiles("*", all)
            .Where(file => !file.FullName.StartsWith(log, StringComparison.Ordinal))
            .Sum(static file => file.Exists ? file.Length : 0);
    }
}

/// <summary>Removes a private server with all its data.</summary>
internal static class ServerRemoval
{
    /// <summary>What a removal does, in a sentence.</summary>
    /// <exception cref="StreamingException">There is no server.</exception>
    public static async Task<string> DescribeAsync(PrivateServer server, CancellationToken cancellationToken)
    {
        RequireServer(server);
        var sessions = await ServerUse.ReadSessionsAsync(server, cancellationToken).ConfigureAwait(false);
        return $"Delete the PostgreSQL server in {server.Path} with {DisplayText.Bytes(ServerUse.DataBytes(new ServerFolder(server.Path)))} of data"
            + (sessions.Count == 0 ? "" : $". These sessions end: {string.Join("; ", sessions)}");
    }

    /// <summary>Stops the server and deletes its folder.</summary>
    /// <param name="server">The server.</param>
    /// <param name="force">True to end open sessions.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">There is no server, sessions are open, or the folder holds something that is not the server's.</exception>
    public static async Task<StreamingServer> RemoveAsync(PrivateServer server, bool force, CancellationToken cancellationToken)
    {
        RequireServer(server);
        if (!force)
        {
            ServerUse.Refuse(server.Path, await ServerUse.ReadSessionsAsync(server, cancellationToken).ConfigureAwait(false));
        }

        await server.DestroyAsync(cancellationToken).ConfigureAwait(false);
        return server.GetStatus();
    }

    private static void RequireServer(PrivateServer server)
    {
        if (server.GetStatus().State == ServerState.NotCreated)
        {
            throw ServerUse.NotCreated(server.Path);
        }
    }
}
