using System.Data;
using Npgsql;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Connections;

/// <summary>What a session's transaction is for.</summary>
internal enum SessionKind
{
    /// <summary>Reads, each statement what is committed by then.</summary>
    Read,

    /// <summary>Reads as of one moment.</summary>
    Snapshot,

    /// <summary>Reads and writes.</summary>
    Write,
}

/// <summary>
/// A connection with one transaction, which begins with <see cref="SessionSettings"/>. Every statement of ours runs in one, but for
/// those that PostgreSQL takes outside of transactions only.
/// </summary>
/// <remarks>
/// BEGIN is a command like any other, so that it travels with the first ones. The driver's own way puts it in front of them and does
/// not pass on a cancellation until it is answered.
/// </remarks>
internal sealed class Session : IAsyncDisposable
{
    // A server that froze must not hold up whoever gives up: after this the connection counts as broken.
    private static readonly TimeSpan RollbackTimeout = TimeSpan.FromSeconds(1);

    private readonly SessionKind _kind;

    private Session(NpgsqlConnection open, string schema, SessionKind kind)
    {
        Open = open;
        Schema = schema;
        _kind = kind;
    }

    /// <summary>The connection.</summary>
    public NpgsqlConnection Open { get; }

    /// <summary>Schema of the tables.</summary>
    public string Schema { get; }

    /// <summary>True when the connection broke, or the server did not answer in time: the server may not know yet that the session is over.</summary>
    public bool IsBroken => ServerCall.IsLost(Open) || Open.State != ConnectionState.Open;

    /// <summary>True from BEGIN to COMMIT.</summary>
    public bool IsBegun { get; private set; }

    /// <summary>Opens a connection; the transaction is to begin with the first round trip.</summary>
    /// <exception cref="StreamingException">The server cannot be reached.</exception>
    public static async Task<Session> OpenAsync(DatabaseConnection connection, SessionKind kind, CancellationToken cancellationToken) =>
        new(await connection.OpenAsync(cancellationToken).ConfigureAwait(false), connection.Schema, kind);

    /// <summary>Opens a connection and begins the transaction.</summary>
    /// <exception cref="StreamingException">The server cannot be reached.</exception>
    public static async Task<Session> BeginAsync(DatabaseConnection connection, SessionKind kind, CancellationToken cancellationToken)
    {
        var session = await OpenAsync(connection, kind, cancellationToken).ConfigureAwait(false);
        try
        {
            await session.BeginAsync(cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The quoted name of a table in the schema.</summary>
    public string Quote(string table) => Identifier.Quote(Schema, table);

    /// <summary>An empty batch of commands.</summary>
    public CommandBatch NewCommands() => new(Open);

    /// <summary>Runs one query; <paramref name="readRow"/> gets each of its rows.</summary>
    public async Task QueryAsync(
        string sql, Action<NpgsqlDataReader> readRow, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        var commands = NewCommands();
        commands.Query(sql, readRow, parameters);
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Begins the transaction, unless it has begun, as the first thing of a round trip.</summary>
    /// <param name="commands">The round trip.</param>
    /// <param name="snapshot">A snapshot that another session exported, to see what that one sees; null for its own.</param>
    public void Begin(CommandBatch commands, string? snapshot = null)
    {
        if (!IsBegun)
        {
            commands.Add(BeginSql());
            if (snapshot is not null)
            {
                commands.Add($"SET TRANSACTION SNAPSHOT {Identifier.Literal(snapshot)}");
            }

            commands.Query(SessionSettings.BeginSql, _ => { }, Parameter.Of(Identifier.Quote(Schema)));
            IsBegun = true;
        }
    }

    /// <summary>Begins the transaction, unless it has begun.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        var commands = NewCommands();
        Begin(commands);
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Commits at the end of a round trip. Triggers that waited for the end run with the role's own search path.</summary>
    public void Commit(CommandBatch commands)
    {
        commands.Query(SessionSettings.UseRolePath, _ => { });
        commands.Add("COMMIT");
        IsBegun = false;
    }

    /// <summary>Commits.</summary>
    public Task CommitAsync(CancellationToken cancellationToken) => CommitAsync(NewCommands(), cancellationToken);

    /// <summary>Sends commands and commits in the same round trip. If one of them fails, the server skips the commit.</summary>
    public async Task CommitAsync(CommandBatch commands, CancellationToken cancellationToken)
    {
        Commit(commands);
        IsBegun = true; // until the server says otherwise
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        IsBegun = false;
    }

    /// <summary>Takes back what was not committed, and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (IsBegun && !IsBroken)
        {
            await RollbackAsync().ConfigureAwait(false);
        }

        await ServerCall.CloseAsync(Open).ConfigureAwait(false);
    }

    private async Task RollbackAsync()
    {
        using var limit = new CancellationTokenSource(RollbackTimeout);
        try
        {
            await using var rollback = new NpgsqlCommand("ROLLBACK", Open);
            await rollback.ExecuteAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception
            is NpgsqlException or IOException or TimeoutException or InvalidOperationException or OperationCanceledException)
        {
            // The connection broke: the server takes the transaction back by itself, and the error that led here is on its way.
        }
    }

    private string BeginSql() => _kind switch
    {
        SessionKind.Read => "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY",
        SessionKind.Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        _ => "BEGIN ISOLATION LEVEL READ COMMITTED",
    };
}
