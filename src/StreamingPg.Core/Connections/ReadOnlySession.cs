using System.Globalization;
using Npgsql;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Connections;

/// <summary>
/// A read-only transaction whose queries see one snapshot and have a timeout. It works on a standby too.
/// </summary>
internal sealed class ReadOnlySession : IAsyncDisposable
{
    private readonly DatabaseConnection _connection;
    private readonly Session _session;
    private readonly string _operation;

    private ReadOnlySession(DatabaseConnection connection, Session session, string operation)
    {
        _connection = connection;
        _session = session;
        _operation = operation;
    }

    /// <summary>How long a query may take when nobody says otherwise.</summary>
    public static TimeSpan DefaultStatementTimeout { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Begins the transaction.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="statementTimeout">The server ends a query that takes longer; zero means no limit.</param>
    /// <param name="operation">What is done, for errors, such as <c>reading the ledger</c>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">The server cannot be reached or refuses.</exception>
    public static async Task<ReadOnlySession> BeginAsync(
        DatabaseConnection connection, TimeSpan statementTimeout, string operation, CancellationToken cancellationToken)
    {
        var session = await Session.OpenAsync(connection, SessionKind.Snapshot, cancellationToken).ConfigureAwait(false);
        try
        {
            var commands = new CommandBatch(session.Open);
            session.Begin(commands);
            commands.Add($"SET LOCAL statement_timeout = {Milliseconds(statementTimeout).ToString(CultureInfo.InvariantCulture)}");
            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            return new ReadOnlySession(connection, session, operation);
        }
        catch (NpgsqlException exception)
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw ServerError.Translate(exception, connection, operation);
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The rows of a query; <c>$1</c>, <c>$2</c> ... are the parameters.</summary>
    /// <exception cref="StreamingException">The server refuses the query, or it took too long.</exception>
    public Task<List<T>> QueryAsync<T>(
        string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken, params NpgsqlParameter[] parameters) =>
        RunAsync(async _ =>
        {
            var rows = new List<T>();
            await _session.QueryAsync(sql, reader => rows.Add(row(reader)), cancellationToken, parameters).ConfigureAwait(false);
            return rows;
        });

    /// <summary>Runs work on the open connection, within the transaction.</summary>
    /// <exception cref="StreamingException">The server refuses, or it took too long.</exception>
    public Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> work) => RunInSessionAsync(session => work(session.Open));

    /// <summary>Runs work in the session.</summary>
    /// <exception cref="StreamingException">The server refuses, or it took too long.</exception>
    public async Task<T> RunInSessionAsync<T>(Func<Session, Task<T>> work)
    {
        try
        {
            return await work(_session).ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, _connection, _operation);
        }
        catch (Exception exception) when (exception is InvalidCastException or OverflowException or FormatException or ArgumentOutOfRangeException)
        {
            throw new StreamingException(
                ErrorIds.ValueNotRead,
                StreamingErrorKind.SchemaMismatch,
                $"{char.ToUpperInvariant(_operation[0])}{_operation[1..]} found a value that cannot be represented: {exception.Message}",
                "Check the tables for NaN, infinity and times before the year 1.",
                _connection.ToString(),
                exception);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _session.DisposeAsync();

    /// <summary>A statement timeout as the server takes it.</summary>
    /// <exception cref="StreamingException">It is out of range.</exception>
    public static long Milliseconds(TimeSpan time) =>
        time >= TimeSpan.Zero && time.TotalMilliseconds <= int.MaxValue
            ? (long)Math.Ceiling(time.TotalMilliseconds)
            : throw new StreamingException(
                ErrorIds.InvalidStatementTimeout,
                StreamingErrorKind.InvalidInput,
                $"{time} is not a valid statement timeout.",
                "Use 0 (no limit) to 24 days.",
                time);
}
