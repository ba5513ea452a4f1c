using System.Threading.Channels;
using Npgsql;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Integrity;

/// <summary>Sessions that all see the same snapshot, handed out to whoever has a statement to run.</summary>
internal sealed class CheckSessions : IAsyncDisposable
{
    // Each query returns one row, whatever it reads: workers cost nothing to hand their rows over, and the planner, who
    // cannot foresee that hardly any row offends, must not think otherwise.
    private const string SessionSql = "SET LOCAL parallel_tuple_cost = 0";

    private readonly List<Session> _all = [];
    private readonly Channel<Session> _free = Channel.CreateUnbounded<Session>();

    private CheckSessions()
    {
    }

    /// <summary>Opens sessions; where the server or the pool has no more to give, or several servers are behind one name, fewer than asked for.</summary>
    /// <exception cref="StreamingException">The server cannot be reached.</exception>
    public static async Task<CheckSessions> BeginAsync(DatabaseConnection connection, int count, CancellationToken cancellationToken)
    {
        var sessions = new CheckSessions();
        try
        {
            var first = await sessions.AddAsync(connection, snapshot: null, cancellationToken).ConfigureAwait(false);
            count = Math.Min(count, connection.CopySettings().MaxPoolSize);
            if (count > 1)
            {
                var snapshot = "";
                await first.QueryAsync("SELECT pg_export_snapshot()", row => snapshot = row.GetString(0), cancellationToken).ConfigureAwait(false);
                while (sessions._all.Count < count && await sessions.TryAddAsync(connection, snapshot, cancellationToken).ConfigureAwait(false))
                {
                    // one more
                }
            }

            return sessions;
        }
        catch (StreamingException error) when (error.Kind == StreamingErrorKind.ResourceExhausted && sessions._all.Count > 0)
        {
            return sessions; // the checks are the same, only slower
        }
        catch (NpgsqlException exception)
        {
            await sessions.DisposeAsync().ConfigureAwait(false);
            throw ServerError.Translate(exception, connection, "checking integrity");
        }
        catch
        {
            await sessions.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs work on a session as soon as one is free.</summary>
    public async Task<T> UseAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        var session = await _free.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await work(session.Open).ConfigureAwait(false);
        }
        finally
        {
            _free.Writer.TryWrite(session);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var session in _all)
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>False if the session is of another server than the first one, as where two standbys are behind one name: it has no such snapshot.</summary>
    private async Task<bool> TryAddAsync(DatabaseConnection connection, string snapshot, CancellationToken cancellationToken)
    {
        try
        {
            await AddAsync(connection, snapshot, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.InvalidParameterValue or PostgresErrorCodes.UndefinedObject)
        {
            var last = _all[^1];
            _all.Remove(last);
            await last.DisposeAsync().ConfigureAwait(false);
            return false;
        }
    }

    private async Task<Session> AddAsync(DatabaseConnection connection, string? snapshot, CancellationToken cancellationToken)
    {
        var session = await Session.OpenAsync(connection, SessionKind.Snapshot, cancellationToken).ConfigureAwait(false);
        _all.Add(session);
        if (snapshot is null)
        {
            await StandbyCatchUp.WaitAsync(session.Open, connection, StandbyCatchUp.Limit, cancellationToken).ConfigureAwait(false);
        }

        var commands = session.NewCommands();
        session.Begin(commands, snapshot);
        commands.Add(SessionSql);
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        _free.Writer.TryWrite(session);
        return session;
    }
}
