namespace StreamingPg.Core.Connections;

/// <summary>The one place where errors of Npgsql and PostgreSQL become <see cref="StreamingException"/>s with a remedy.</summary>
public static class ServerError
{
    /// <summary>Translates <paramref name="exception"/>; a <see cref="StreamingException"/> is returned as it is.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="connection">The database it happened on.</param>
    /// <param name="operation">What was being done, such as <c>loading "users"</c>; may be null.</param>
    public static StreamingException Translate(Exception exception, StreamingConnection connection, string? operation = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return exception as StreamingException ?? new StreamingException(
            "ServerError",
            StreamingErrorKind.Unexpected,
            $"{operation ?? "Working"} on {connection} failed: {exception?.Message}",
            "",
            connection,
            exception);
    }
}
