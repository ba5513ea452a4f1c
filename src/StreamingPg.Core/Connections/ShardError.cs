using System.Text.RegularExpressions;
using Npgsql;

namespace StreamingPg.Core.Connections;

/// <summary>
/// Errors that Citus passes on from another server: in COPY they arrive as internal errors (XX000), with the words of the server that had them
/// and the numbers of its shards; rows that a server does not take any more, because it has ended, as errors of a disk (58030).
/// </summary>
internal static partial class ShardError
{
    // As PostgreSQL words them; workers speak the coordinator's language.
    private static readonly (string Text, string SqlState)[] Known =
    [
        ("violates foreign key constraint", PostgresErrorCodes.ForeignKeyViolation),
        ("duplicate key value violates unique constraint", PostgresErrorCodes.UniqueViolation),
        ("violates not-null constraint", PostgresErrorCodes.NotNullViolation),
        ("violates check constraint", PostgresErrorCodes.CheckViolation),
        ("connection to the remote node", PostgresErrorCodes.ConnectionFailure),
        ("server closed the connection unexpectedly", PostgresErrorCodes.ConnectionFailure),
        ("no connection to the server", PostgresErrorCodes.ConnectionFailure),
        ("the database system is", PostgresErrorCodes.CannotConnectNow),
        ("terminating connection due to", PostgresErrorCodes.AdminShutdown),
        ("SSL SYSCALL error", PostgresErrorCodes.ConnectionFailure),
        ("SSL connection has been closed", PostgresErrorCodes.ConnectionFailure),
        ("could not receive data from server", PostgresErrorCodes.ConnectionFailure),
        ("could not send data to server", PostgresErrorCodes.ConnectionFailure),
        ("invalid socket", PostgresErrorCodes.ConnectionFailure),
        ("lost connection", PostgresErrorCodes.ConnectionFailure),
        ("failure on connection", PostgresErrorCodes.ConnectionFailure),
        ("failed to COPY to shard", PostgresErrorCodes.ConnectionFailure),
    ];

    /// <summary>The SQLSTATE of an error, or the one that it had on the server that it comes from.</summary>
    public static string StateOf(PostgresException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.SqlState is PostgresErrorCodes.InternalError or PostgresErrorCodes.IoError
            ? Known.FirstOrDefault(known => error.MessageText.Contains(known.Text, StringComparison.Ordinal)).SqlState ?? error.SqlState
            : error.SqlState;
    }

    /// <summary>A text of an error with the names of tables and constraints as the coordinator has them, not those of their shards.</summary>
    public static string? WithoutShards(PostgresException error, string? text)
    {
        ArgumentNullException.ThrowIfNull(error);
        return text is not null && IsOfShard(error) ? ShardNumber().Replace(text, "") : text;
    }

    /// <summary>The constraint that rows violate, or null; another server's is told in words only.</summary>
    public static string? ConstraintOf(PostgresException error) => NamedOr(error, error.ConstraintName, Constraint());

    /// <summary>The column that an error is about, or null.</summary>
    public static string? ColumnOf(PostgresException error) => NamedOr(error, error.ColumnName, Column());

    private static string? NamedOr(PostgresException error, string? name, Regex pattern) =>
        !IsOfShard(error) ? name
        : !string.IsNullOrEmpty(name) ? ShardNumber().Replace($"table \"{name}\"", "")[7..^1]
        : pattern.Match(WithoutShards(error, error.MessageText)!) is { Success: true } match ? match.Groups[1].Value
        : null;

    private static bool IsOfShard(PostgresException error) =>
        StateOf(error) != error.SqlState || error.Where?.Contains("while executing command on ", StringComparison.Ordinal) == true;

    // The first shard of a cluster is 102008.
    [GeneratedRegex("(?<=(?:constraint|relation|table|index) \"[^\"]+)_[0-9]{6,}(?=\")", RegexOptions.CultureInvariant)]
    private static partial Regex ShardNumber();

    [GeneratedRegex("constraint \"(.+?)\"", RegexOptions.CultureInvariant)]
    private static partial Regex Constraint();

    [GeneratedRegex("^null value in column \"(.+?)\"", RegexOptions.CultureInvariant)]
    private static partial Regex Column();
}
