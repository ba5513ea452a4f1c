using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Connections;

/// <summary>
/// Waits until a standby has replayed what its primary had committed: a check that follows a batch must see its rows. Asked only where the
/// settings name several hosts and a standby is wanted; then the primary is one of them.
/// </summary>
internal static class StandbyCatchUp
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest wait.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Waits, unless the session is not on a standby of that kind.</summary>
    /// <param name="open">A session that has not begun its transaction.</param>
    /// <param name="connection">The database that it is of.</param>
    /// <param name="limit">Longest wait.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">The primary cannot be reached, or the standby is too far behind.</exception>
    public static async Task WaitAsync(NpgsqlConnection open, DatabaseConnection connection, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (connection.CopyForPrimary() is not { } primary)
        {
            return;
        }

        string written;
        await using (primary.ConfigureAwait(false))
        {
            // What is flushed is all that was ever reported as committed.
            written = await ReadAsync(primary, cancellationToken).ConfigureAwait(false);
        }

        var clock = Stopwatch.StartNew();
        for (; ; )
        {
            var (isThere, replayed) = await LookAsync(open, written, cancellationToken).ConfigureAwait(false);
            if (isThere)
            {
                return;
            }

            if (clock.Elapsed >= limit)
            {
                throw new StreamingException(
                    ErrorIds.StandbyBehind,
                    StreamingErrorKind.Timeout,
                    $"The standby {open.Host}:{open.Port} has replayed the WAL up to {replayed}, and its primary had written up to {written}: after {DisplayText.Duration(limit)} it still lacks rows.",
                    "Test-StreamingHealth (streamingpg health) shows the lag. Wait, or read from the primary (Target Session Attributes=primary).",
                    connection);
            }

            await Task.Delay(Interval, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<string> ReadAsync(DatabaseConnection primary, CancellationToken cancellationToken)
    {
        var written = "";
        await using var session = await Session.BeginAsync(primary, SessionKind.Read, cancellationToken).ConfigureAwait(false);
        await session.QueryAsync("SELECT pg_current_wal_flush_lsn()::text", row => written = row.GetString(0), cancellationToken).ConfigureAwait(false);
        return written;
    }

    // The first statement of a session looks for no operator that somebody may have put in the way.
    private static async Task<(bool IsThere, string Replayed)> LookAsync(NpgsqlConnection open, string written, CancellationToken cancellationToken)
    {
        var seen = (false, "");
        var commands = new CommandBatch(open);
        commands.Query(
            """
            SELECT NOT pg_catalog.pg_is_in_recovery() OR pg_catalog.pg_lsn_ge(pg_catalog.pg_last_wal_replay_lsn(), $1::pg_catalog.pg_lsn),
                   pg_catalog.concat(pg_catalog.pg_last_wal_replay_lsn())
            """,
            row => seen = (row.GetBoolean(0), row.GetString(1)),
            Parameter.Of(written));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return seen;
    }
}
