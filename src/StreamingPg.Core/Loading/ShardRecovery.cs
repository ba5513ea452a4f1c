using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading;

/// <summary>How many connections Citus uses to each server in a transaction.</summary>
internal static class ShardConnections
{
    /// <summary>
    /// One, where there are reference tables; else Citus refuses rows that refer to these. Nothing where there are none.
    /// </summary>
    public static void UseOne(CommandBatch commands, StreamModel model)
    {
        if (model.Tables.Any(table => table.Layout.Distribution is { Column: null }))
        {
            commands.Query(SessionSettings.OneShardConnection, _ => { });
        }
    }
}

/// <summary>
/// Finishes commits of Citus that a worker did not answer. The coordinator has committed then, and warns; until the worker does as well, its rows are
/// invisible. Citus recovers them by itself every minute or so, which a batch that refers to these rows cannot wait for.
/// </summary>
internal sealed class ShardRecovery : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Session _session;
    private bool _isInDoubt;

    private ShardRecovery(Session session)
    {
        _session = session;
        session.Open.Notice += Notice;
    }

    /// <summary>Listens for warnings of a commit; null for tables of one server.</summary>
    public static ShardRecovery? Listen(Session session, StreamModel model) =>
        model.Tables.Any(table => table.Layout.Distribution is not null) ? new ShardRecovery(session) : null;

    /// <summary>After the commit: where a worker did not answer, waits until it has committed, too, or for half a minute. What is decided stays decided.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        var begin = System.Diagnostics.Stopwatch.GetTimestamp();
        while (_isInDoubt && System.Diagnostics.Stopwatch.GetElapsedTime(begin) < Patience)
        {
            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            var isOpen = true;
            try
            {
                await _session.BeginAsync(cancellationToken).ConfigureAwait(false);
                await _session.QueryAsync("SELECT pg_catalog.recover_prepared_transactions()", _ => { }, cancellationToken).ConfigureAwait(false);
                await _session.QueryAsync(
                    "SELECT EXISTS (SELECT FROM pg_catalog.pg_dist_transaction)", row => isOpen = row.GetBoolean(0), cancellationToken).ConfigureAwait(false);
                await _session.CommitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
            {
                return; // the coordinator has committed; whoever comes next finds out what is wrong now
            }

            _isInDoubt = isOpen;
        }
    }

    public void Dispose() => _session.Open.Notice -= Notice;

    private void Notice(object sender, NpgsqlNoticeEventArgs notice) => _isInDoubt |= notice.Notice.InvariantSeverity == "WARNING";
}
