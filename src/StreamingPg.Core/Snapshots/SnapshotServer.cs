using System.Globalization;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Snapshots;

/// <summary>The server of a database, seen from another database: whoever copies, drops or renames a database is not connected to it.</summary>
internal sealed class SnapshotServer : IAsyncDisposable
{
    private const string Maintenance = "postgres";
    private const string OtherMaintenance = "template1";
    private const int SessionAttempts = 5;

    /// <summary>Databases below this size are copied through the WAL, which needs no checkpoint; larger ones file by file (measured: 100 MB take about the same).</summary>
    private const long WalCopyBytes = 100_000_000;

    private const string SessionsSql =
        """
        SELECT coalesce(nullif(application_name, ''), 'a session'), coalesce(usename::text, ''), backend_start, pid
        FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY backend_start
        """;

    private static readonly TimeSpan SessionEndInterval = TimeSpan.FromMilliseconds(20);

    private readonly DatabaseConnection _connection;

    private SnapshotServer(DatabaseConnection connection) => _connection = connection;

    /// <summary>The server of a connection, whose connections that wait in its pool are closed.</summary>
    public static SnapshotServer Of(DatabaseConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        connection.DataSource.Clear();
        var settings = connection.CopySettings();
        settings.Database = connection.Database == Maintenance ? OtherMaintenance : Maintenance;
        settings.Pooling = false;
        settings.MaxAutoPrepare = 0;
        return new SnapshotServer(new DatabaseConnection(settings, connection.Schema, connection.Source));
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <summary>Runs a query.</summary>
    public async Task QueryAsync(string sql, Action<NpgsqlDataReader> row, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        try
        {
            await using var session = await Session.BeginAsync(_connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
            await session.QueryAsync(sql, row, cancellationToken, parameters).ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, _connection, "Reading databases");
        }
    }

    /// <summary>Runs statements in one transaction.</summary>
    public async Task WriteAsync(IEnumerable<string> statements, string operation, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await Session.BeginAsync(_connection, SessionKind.Write, cancellationToken).ConfigureAwait(false);
            var commands = session.NewCommands();
            foreach (var statement in statements)
            {
                commands.Add(statement);
            }

            session.Commit(commands);
            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, _connection, operation);
        }
    }

    /// <summary>Copies a database into a new one of the same owner.</summary>
    public async Task CopyAsync(string from, string to, CancellationToken cancellationToken)
    {
        var (owner, bytes, version) = ("", 0L, 0);
        await QueryAsync(
            "SELECT pg_get_userbyid(datdba)::text, pg_database_size(oid), current_setting('server_version_num')::int FROM pg_database WHERE datname = $1",
            row => (owner, bytes, version) = (row.GetString(0), row.GetInt64(1), row.GetInt32(2)),
            cancellationToken,
            Parameter.Of(from)).ConfigureAwait(false);
        var strategy = version < 150000 ? "" : $" STRATEGY {(bytes < WalCopyBytes ? "WAL_LOG" : "FILE_COPY")}";
        await RunAloneAsync(
            $"CREATE DATABASE {Identifier.Quote(to)} TEMPLATE {Identifier.Quote(from)} OWNER {Identifier.Quote(owner)}{strategy}",
            $"copying database \"{from}\"",
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Drops a database if it exists.</summary>
    public Task DropAsync(string database, CancellationToken cancellationToken) =>
        RunAloneAsync($"DROP DATABASE IF EXISTS {Identifier.Quote(database)}", $"dropping database \"{database}\"", cancellationToken);

    /// <summary>Sees to it that nobody is connected to a database.</summary>
    /// <exception cref="StreamingException">There are sessions, and they are not to be ended.</exception>
    public async Task FreeAsync(string database, bool endSessions, CancellationToken cancellationToken)
    {
        var sessions = new List<string>();
        for (var attempt = 1; ; attempt++)
        {
            sessions.Clear();
            await QueryAsync(
                SessionsSql,
                row => sessions.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{row.GetString(0)} of role {row.GetString(1)} since {DisplayText.Instant(row.GetDateTime(2))} (process {row.GetInt32(3)})")),
                cancellationToken,
                Parameter.Of(database)).ConfigureAwait(false);
            if (sessions.Count == 0)
            {
                return;
            }

            if (attempt > SessionAttempts)
            {
                throw new StreamingException(
                    ErrorIds.DatabaseInUse,
                    StreamingErrorKind.InvalidInput,
                    $"Sessions are open on database \"{database}\": {string.Join("; ", sessions)}.",
                    "Stop what they belong to, such as a stream, or end them with -EndSession (--end-session).",
                    database);
            }

            if (endSessions)
            {
                await QueryAsync(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend' AND pid <> pg_backend_pid()",
                    _ => { },
                    cancellationToken,
                    Parameter.Of(database)).ConfigureAwait(false);
            }

            await Task.Delay(SessionEndInterval * attempt, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs a statement that PostgreSQL takes outside of transactions only.</summary>
    private async Task RunAloneAsync(string statement, string operation, CancellationToken cancellationToken)
    {
        try
        {
            var command = _connection.DataSource.CreateCommand(statement);
            await using (command.ConfigureAwait(false))
            {
                await ServerCall.RunAsync(null, command.ExecuteNonQueryAsync, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, _connection, operation);
        }
    }
}
