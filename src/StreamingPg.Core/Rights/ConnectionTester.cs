using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Rights;

/// <summary>Tries a connection and says what is missing.</summary>
internal static class ConnectionTester
{
    private const int RoundTrips = 7;

    private const string SessionSql =
        """
        SELECT current_setting('server_version'), current_user::text,
               coalesce((SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl), 'none'),
               current_setting('transaction_read_only')::boolean
        """;

    /// <summary>Tests whether a connection can load batches.</summary>
    /// <inheritdoc cref="TestAsync(DatabaseConnection, StreamModel, IReadOnlyList{ConnectionPurpose}, CancellationToken)"/>
    public static Task<ConnectionTest> TestAsync(DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken) =>
        TestAsync(connection, model, [ConnectionPurpose.Batch], cancellationToken);

    /// <summary>Tests a connection. A server that does not answer is a result, not an exception.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="purposes">What the role is to do; empty means to load batches.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<ConnectionTest> TestAsync(
        DatabaseConnection connection, StreamModel model, IReadOnlyList<ConnectionPurpose> purposes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        purposes = purposes.Count > 0 ? purposes : [ConnectionPurpose.Batch];
        var failed = new ConnectionTest { Success = false, Server = connection.ToString(), Source = connection.Source, For = purposes };
        try
        {
            var session = await Session.BeginAsync(connection, SessionKind.Write, cancellationToken).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
            {
                var opened = session.Open;
                var rights = await RightsReader.ReadAsync(opened, connection, model, purposes, cancellationToken).ConfigureAwait(false);
                var latency = await MeasureLatencyAsync(opened, cancellationToken).ConfigureAwait(false);
                return await DescribeAsync(opened, failed, rights, latency, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (StreamingException exception)
        {
            return failed with { Missing = [exception.Message] };
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
        {
            return failed with { Missing = [ServerError.Translate(exception, connection, "Testing").Message] };
        }
    }

    private static async Task<ConnectionTest> DescribeAsync(
        NpgsqlConnection opened, ConnectionTest template, Rights rights, TimeSpan latency, CancellationToken cancellationToken)
    {
        var described = template;
        var commands = new CommandBatch(opened);
        commands.Query(
            SessionSql,
            row =>
            {
                var writes = template.For.Any(RightsTable.Writes);
                List<string> missing = [.. rights.Missing.Select(right => right.Text)];
                missing.AddRange(row.GetBoolean(3) && writes
                    ? ["The server is read-only. Connect to the primary, or turn default_transaction_read_only off."]
                    : []);
                described = template with
                {
                    Success = missing.Count == 0,
                    ServerVersion = row.GetString(0),
                    UserName = row.GetString(1),
                    Tls = row.GetString(2),
                    Latency = latency,
                    SchemaExists = rights.SchemaExists,
                    CanCreate = rights.CanCreate,
                    CanLoad = rights.CanLoad,
                    CanCheckBySet = rights.CanCheckBySet,
                    RowSecurity = rights.RowSecurity,
                    Missing = missing,
                    Optional = [.. rights.Optional.Select(right => right.Text)],
                };
            });
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return described;
    }

    /// <summary>The median of several round trips: one alone may have been unlucky.</summary>
    private static async Task<TimeSpan> MeasureLatencyAsync(NpgsqlConnection opened, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand("SELECT 1", opened);
        await using (command.ConfigureAwait(false))
        {
            await ServerCall.RunAsync(opened, command.PrepareAsync, cancellationToken).ConfigureAwait(false);
            var times = new TimeSpan[RoundTrips];
            for (var round = 0; round < RoundTrips; round++)
            {
                var started = Stopwatch.GetTimestamp();
                await command.ReadValueAsync(cancellationToken).ConfigureAwait(false);
                times[round] = Stopwatch.GetElapsedTime(started);
            }

            Array.Sort(times);
            return times[RoundTrips / 2];
        }
    }
}
