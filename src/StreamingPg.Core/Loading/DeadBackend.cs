using Npgsql;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading;

/// <summary>A session of the server whose connection broke.</summary>
internal static class DeadBackend
{
    /// <summary>
    /// Ends what may be left of an attempt whose connection broke without the server's noticing: the claim in the ledger would
    /// wait for it. Should the number belong to another session of ours by now, that one repeats its transaction.
    /// </summary>
    public static async Task EndAsync(NpgsqlConnection open, int session, CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(open);
        commands.Query(
            """
            SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
            WHERE pid = $1 AND datname = current_database() AND usename = current_user
              AND application_name = current_setting('application_name') AND state <> 'idle'
            """,
            _ => { },
            Parameter.Of(session));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }
}
