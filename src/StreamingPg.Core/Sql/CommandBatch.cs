using System.Text.RegularExpressions;
using Npgsql;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Sql;

/// <summary>Commands that go to the server together and whose answers come back together.</summary>
internal sealed partial class CommandBatch
{
    private readonly NpgsqlConnection _open;
    private readonly List<NpgsqlBatchCommand> _commands = [];
    private readonly List<Action<NpgsqlDataReader>> _readers = [];

    public CommandBatch(NpgsqlConnection open) => _open = open;

    /// <summary>Seconds that the commands may take, 0 for any time; null leaves it to the connection.</summary>
    public int? Timeout { get; init; }

    /// <summary>Rows that the commands changed, once they ran; null if none of them changes rows.</summary>
    public long? RowsAffected { get; private set; }

    /// <summary>Runs one statement whose values come as text, whatever types they have.</summary>
    /// <param name="open">The connection.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="describe">Gets the reader before the first row.</param>
    /// <param name="readRow">Gets each row.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="parameters">What <c>$1</c>, <c>$2</c> ... stand for.</param>
    /// <returns>Number of rows, and of rows that were changed; null if the statement changes none.</returns>
    public static Task<(int Rows, long? Affected)> ReadTextAsync(
        NpgsqlConnection open,
        string sql,
        Action<NpgsqlDataReader> describe,
        Action<NpgsqlDataReader> readRow,
        CancellationToken cancellationToken,
        params NpgsqlParameter[] parameters) =>
        ServerCall.RunAsync(
            open,
            async stop =>
            {
                await using var command = new NpgsqlCommand(sql, open) { AllResultTypesAreUnknown = true };

                // A command without parameters is split by the driver where a semicolon is; with one, even unused, the server refuses several
                // statements. No statement may take it for a value; what CREATE FUNCTION or PREPARE has are parameters of its own.
                if (parameters.Length == 0 && !OwnParameters().IsMatch(sql) && ParameterNames().Matches(sql).Select(match => match.Groups["name"]).FirstOrDefault(name => name.Success) is { } missing)
                {
                    throw new PostgresException($"there is no parameter {missing.Value}", "ERROR", "ERROR", PostgresErrorCodes.UndefinedParameter);
                }

                command.Parameters.AddRange(parameters.Length > 0 ? parameters : [Parameter.Of(0)]);
                await using var reader = await command.ExecuteReaderAsync(stop).ConfigureAwait(false);
                describe(reader);
                var rows = 0;
                for (; await reader.ReadAsync(stop).ConfigureAwait(false); rows++)
                {
                    readRow(reader);
                }

                await reader.NextResultAsync(stop).ConfigureAwait(false);
                return (rows, reader.RecordsAffected < 0 ? (long?)null : reader.RecordsAffected);
            },
            cancellationToken);

    [GeneratedRegex(@"^\s*(create\s+(or\s+replace\s+)?(function|procedure)|prepare)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OwnParameters();

    // Texts, quoted names, comments and words are matched so that nothing in them is: only the last alternative has a name.
    [GeneratedRegex(
        """
        [eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|\$(?<tag>(?:[^\W\d]\w*)?)\$.*?\$\k<tag>\$|\w[\w$]*|(?<name>\$\d+)
        """,
        RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex ParameterNames();

    /// <summary>Adds a command that returns no rows.</summary>
    public void Add(string sql, params ReadOnlySpan<NpgsqlParameter> parameters) => _commands.Add(Command(sql, parameters));

    /// <summary>Adds a query; <paramref name="readRow"/> gets each of its rows.</summary>
    public void Query(string sql, Action<NpgsqlDataReader> readRow, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        _commands.Add(Command(sql, parameters));
        _readers.Add(readRow);
    }

    /// <summary>
    /// Adds a statement that changes the search path while it runs, such as by <see cref="SessionSettings.RolePathHolds"/> for the
    /// triggers of the table that it writes to; after it the fixed search path holds again.
    /// </summary>
    public void QueryWithOtherPath(string sql, Action<NpgsqlDataReader> readRow, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        Query(sql, readRow, parameters);
        Add(SessionSettings.UseFixedPath);
    }

    /// <summary>Adds such a statement that returns no rows; the driver passes over it when results are read.</summary>
    public void AddWithOtherPath(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        Add(sql, parameters);
        Add(SessionSettings.UseFixedPath);
    }

    /// <summary>Sends the commands and reads all answers.</summary>
    public Task ExecuteAsync(CancellationToken cancellationToken) =>
        _commands.Count == 0 ? Task.CompletedTask : ServerCall.RunAsync(_open, SendAndReadAsync, cancellationToken);

    private async Task SendAndReadAsync(CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(_open);
        batch.Timeout = Timeout ?? batch.Timeout;
        foreach (var command in _commands)
        {
            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        foreach (var readRow in _readers)
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                readRow(reader);
            }

            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }

        RowsAffected = reader.RecordsAffected < 0 ? null : reader.RecordsAffected;
    }

    private static NpgsqlBatchCommand Command(string sql, ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
