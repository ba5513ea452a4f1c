using Npgsql;

namespace StreamingPg.Core.Connections;

/// <summary>
/// Errors that a pooler such as PgBouncer reports itself. All of PgBouncer's have the SQLSTATE of a broken protocol, 08P01; what tells them
/// from PostgreSQL's own is that they do not name the place in its source.
/// </summary>
internal static class PoolerError
{
    private const string StatementPooling = "statement pooling mode";

    // What another attempt meets again. All else passes: the pool is full, the server behind it restarts, a client waited for too long.
    private static readonly string[] Lasting =
    [
        "no such database", "no such user", "authentication failed", "auth failed", "not allowed", "unsupported", "required", "does not exist",
        "invalid", "config",
    ];

    /// <summary>True when a pooler reported it and the same work may succeed if it is tried again.</summary>
    public static bool IsTransient(PostgresException error) =>
        IsPoolers(error)
        && (error.MessageText.Contains("no more connections allowed", StringComparison.OrdinalIgnoreCase)
            || !Lasting.Any(text => error.MessageText.Contains(text, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Name and remedy; null when the server itself reported it.</summary>
    public static ErrorDescription? Of(PostgresException error) => !IsPoolers(error) ? null
        : error.MessageText.Contains(StatementPooling, StringComparison.OrdinalIgnoreCase) ? new(
            ErrorIds.StatementPooling,
            StreamingErrorKind.InvalidInput,
            "The pooler runs each statement in another session, so transactions are impossible. Set pool_mode to transaction or session, or connect to the server directly.")
        : IsTransient(error) ? new(
            ErrorIds.PoolerUnavailable,
            StreamingErrorKind.ConnectionFailed,
            "The pooler has no free server session. Wait a moment and run the command again, or check its log and pool sizes.")
        : new(ErrorIds.PoolerRefused, StreamingErrorKind.ConnectionFailed, "The pooler rejected the connection. Correct its configuration, or the database and role.");

    private static bool IsPoolers(PostgresException error) =>
        error.SqlState == PostgresErrorCodes.ProtocolViolation && string.IsNullOrEmpty(error.Routine);
}
