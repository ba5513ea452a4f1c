using Npgsql;
using NpgsqlTypes;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Queries;

/// <summary>A statement of the user's own.</summary>
internal sealed record QueryOptions
{
    /// <summary>The statement; <c>$1</c>, <c>$2</c> ... stand for the arguments.</summary>
    public required string Sql { get; init; }

    /// <summary>The arguments; the server decides by the statement what types they have.</summary>
    public IReadOnlyList<object?> Arguments { get; init; } = [];

    /// <summary>True if the statement may change something.</summary>
    public bool Write { get; init; }

    /// <summary>The server ends a statement that takes longer; zero means no limit.</summary>
    public TimeSpan StatementTimeout { get; init; } = ReadOnlySession.DefaultStatementTimeout;
}

/// <summary>
/// Runs one statement, in a transaction that is read-only unless it is to write. What it finds is read through a cursor, as text whose
/// type says what value it is, so that a result of any size and any type can be read.
/// </summary>
internal sealed class SqlQuery : IDisposable
{
    private const int RowsAtATime = 1000;
    private const string Cursor = "streamingpg_query";
    private static readonly string[] WithCursor = ["SELECT", "WITH", "VALUES", "TABLE", "("];

    private readonly DatabaseConnection _connection;
    private readonly QueryOptions _options;
    private readonly Action<IReadOnlyList<string>> _columns;
    private readonly Action<object?[]> _row;
    private readonly ServerText _text = new();
    private bool _isDescribed;

    private SqlQuery(DatabaseConnection connection, QueryOptions options, Action<IReadOnlyList<string>> columns, Action<object?[]> row)
    {
        (_connection, _options, _columns, _row) = (connection, options, columns, row);
    }

    /// <summary>Runs the statement.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="options">The statement.</param>
    /// <param name="columns">Gets the names of the columns, each once, before the first row.</param>
    /// <param name="row">Gets each row.</param>
    /// <param name="cancellationToken">Cancels; nothing is changed then.</param>
    /// <returns>How many rows were changed; null if the statement changes none.</returns>
    /// <exception cref="StreamingException">The server refused.</exception>
    public static async Task<QueryResult> RunAsync(
        DatabaseConnection connection, QueryOptions options, Action<IReadOnlyList<string>> columns, Action<object?[]> row, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);

        // A statement comes once, and the cursor's columns are others each time.
        await using var own = connection.WithoutPreparing();
        using var query = new SqlQuery(own, options, columns, row);
        return await query.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _text.Dispose();

    private async Task<QueryResult> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await Session.BeginAsync(
                _connection, _options.Write ? SessionKind.Write : SessionKind.Snapshot, cancellationToken).ConfigureAwait(false);
            await session.QueryAsync(
                "SELECT set_config('search_path', concat('pg_catalog, ', $1, ', pg_temp'), true), set_config('statement_timeout', $2, true)",
                _ => { },
                cancellationToken,
                Parameter.Of(Identifier.Quote(_connection.Schema)),
                Parameter.Of($"{ReadOnlySession.Milliseconds(_options.StatementTimeout)}")).ConfigureAwait(false);
            if (!_options.Write && WithCursor.Any(word => _options.Sql.TrimStart().StartsWith(word, StringComparison.OrdinalIgnoreCase)))
            {
                await ReadCursorAsync(session, cancellationToken).ConfigureAwait(false);
                return new QueryResult { RowsAffected = null };
            }

            var affected = await RunStatementAsync(session, cancellationToken).ConfigureAwait(false);
            if (_options.Write)
            {
                await session.CommitAsync(cancellationToken).ConfigureAwait(false);
            }

            return new QueryResult { RowsAffected = affected };
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction && !_options.Write)
        {
            throw new StreamingException(
                ErrorIds.QueryWrites,
                StreamingErrorKind.InvalidInput,
                $"The statement changes something: {exception.MessageText}.",
                "Add -Write (--write) if that is meant.",
                _connection.ToString(),
                exception);
        }
        catch (NpgsqlException exception)
        {
            throw Refused(ServerError.Translate(exception, _connection, "Running the statement"), exception as PostgresException);
        }
    }

    /// <summary>What the server cannot understand is the user's own text, of which its log knows no more than the message.</summary>
    private static StreamingException Refused(StreamingException error, PostgresException? cause) =>
        error is { ErrorId: ErrorIds.ServerError, SqlState: ['4', '2', ..] }
            ? new StreamingException(
                error.ErrorId,
                error.Kind,
                error.Problem,
                cause?.Routine == "exec_parse_message" ? "Run one statement at a time." : "Correct the statement.",
                error.Target,
                error.InnerException) { SqlState = error.SqlState }
            : error;

    private NpgsqlParameter[] Arguments => [.. _options.Arguments.Select(argument =>
        Parameter.Of(argument is null ? null : ValueText.Of(argument), NpgsqlDbType.Unknown))];

    private async Task ReadCursorAsync(Session session, CancellationToken cancellationToken)
    {
        var declare = session.NewCommands();
        declare.Add($"DECLARE {Cursor} NO SCROLL CURSOR FOR {_options.Sql.TrimEnd().TrimEnd(';')}", Arguments);
        await declare.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        int read;
        do
        {
            read = (await ReadAsync(session, $"FETCH {RowsAtATime} FROM {Cursor}", [], cancellationToken).ConfigureAwait(false)).Rows;
        }
        while (read == RowsAtATime);
    }

    /// <summary>Runs a statement that no cursor takes, such as EXPLAIN or INSERT ... RETURNING.</summary>
    private async Task<long?> RunStatementAsync(Session session, CancellationToken cancellationToken) =>
        (await ReadAsync(session, _options.Sql, Arguments, cancellationToken).ConfigureAwait(false)).Affected;

    private Task<(int Rows, long? Affected)> ReadAsync(Session session, string sql, NpgsqlParameter[] arguments, CancellationToken cancellationToken) =>
        CommandBatch.ReadTextAsync(session.Open, sql, Describe, reader => _row(_text.Row(reader)), cancellationToken, arguments);

    private void Describe(NpgsqlDataReader reader)
    {
        _text.Describe(reader);
        if (!_isDescribed && reader.FieldCount > 0)
        {
            _columns(Names(reader));
            _isDescribed = true;
        }
    }

    /// <summary>Names of the columns; one that comes again gets a number, as rows have each name once.</summary>
    private static List<string> Names(NpgsqlDataReader reader)
    {
        var names = new List<string>();
        for (var column = 0; column < reader.FieldCount; column++)
        {
            var name = reader.GetName(column);
            var unique = name;
            for (var number = 2; names.Contains(unique, StringComparer.OrdinalIgnoreCase); number++)
            {
                unique = $"{name}_{number}";
            }

            names.Add(unique);
        }

        return names;
    }
}
