using Npgsql;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Connections;

/// <summary>The server's time. What is removed by its age goes by it, because a wrong clock of the client must not remove young rows.</summary>
internal static class ServerClock
{
    /// <summary>The clocks of client and server may differ by this much.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    /// <summary>Reads the server's time (UTC).</summary>
    /// <exception cref="StreamingException">The client's clock differs from it by more than <see cref="Tolerance"/>: one of them is wrong,
    /// and nobody but the user can say which.</exception>
    public static async Task<DateTime> ReadAsync(NpgsqlConnection open, TimeProvider client, CancellationToken cancellationToken)
    {
        var server = DateTime.MinValue;
        var commands = new CommandBatch(open);
        commands.Query(
            "SELECT pg_catalog.clock_timestamp()", row => server = row.GetFieldValue<DateTime>(0));
        var asked = client.GetUtcNow().UtcDateTime;
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        var answered = client.GetUtcNow().UtcDateTime;

        // The server looked at its clock somewhere between the two.
        if (server < asked - Tolerance || server > answered + Tolerance)
        {
            throw new StreamingException(
                ErrorIds.ClocksDiffer,
                StreamingErrorKind.InvalidInput,
                FormattableString.Invariant(
                    $"The clocks of client and server differ: it is {answered:yyyy-MM-dd HH:mm:ss}Z here and {server:yyyy-MM-dd HH:mm:ss}Z on the server. Rows are removed by their age, so nothing was removed."),
                "Set the wrong clock right (on Linux 'timedatectl' shows it), and run it again.");
        }

        return server;
    }
}
