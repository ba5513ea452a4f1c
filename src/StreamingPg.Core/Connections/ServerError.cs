using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace StreamingPg.Core.Connections;

/// <summary>The one place where errors of Npgsql and PostgreSQL become <see cref="StreamingException"/>s with a remedy.</summary>
internal static class ServerError
{
    /// <summary>The operation of opening a connection.</summary>
    public const string Connecting = "Connecting";

    // SQLSTATEs that Npgsql has no names for.
    private const string IdleSessionTimeout = "57P05";
    private const string IdleInTransactionTimeout = "25P03";
    private const string TransactionTimeout = "25P04";

    /// <summary>Translates <paramref name="exception"/>; a <see cref="StreamingException"/> is returned as it is.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="connection">The database it happened on.</param>
    /// <param name="operation">What was being done, such as <c>loading "users"</c>; may be null.</param>
    public static StreamingException Translate(Exception exception, StreamingConnection connection, string? operation = null)
    {
        ArgumentNullException.ThrowIfNull(exception);
        ArgumentNullException.ThrowIfNull(connection);
        if (exception is StreamingException already)
        {
            return already;
        }

        var subject = $"{Capitalized(operation ?? "Working")} {(operation == Connecting ? "to" : "on")} {connection} failed: ";
        var causes = Causes(exception).ToList();
        if (causes.OfType<PostgresException>().FirstOrDefault() is { } reported)
        {
            var error = SqlStateError.Of(reported, connection);
            return new StreamingException(
                error.ErrorId, error.Kind, subject + SqlStateError.Describe(reported), Remedy(error, connection), error.Target ?? connection, exception)
            {
                SqlState = reported.SqlState,
            };
        }

        var failure = ClientError.Of(exception, causes, connection);
        return new StreamingException(
            failure.ErrorId, failure.Kind, subject + ClientError.Describe(exception, causes), Remedy(failure, connection), failure.Target ?? connection, exception);
    }

    private static string Remedy(ErrorDescription error, StreamingConnection connection) =>
        error.Kind == StreamingErrorKind.AuthenticationFailed && connection is DatabaseConnection { UnreadPasswordFile: { } file }
            ? $"The password file {file} was not read, because others may read it: run 'chmod 600 {file}'."
            : error.Remedy;

    /// <summary>True when the same work may succeed if it is simply tried again.</summary>
    /// <remarks>
    /// By SQLSTATE: class 08 (connection; 08P01 only from a pooler that says so), 25P03 and 25P04 (our transaction stood still for too
    /// long, as when this machine slept), 40001 (serialization), 40P01 (deadlock), class 53 without 53100
    /// (out of memory or connections, but not a full disk), 55P03 (lock not available), 57P01 to 57P03 and 57P05 (server
    /// going down, coming up, or ending idle sessions). Errors that Citus passes on from another server
    /// count as what they were there (<see cref="ShardError"/>). Without one: a broken or refused connection, none of several hosts that
    /// takes writes, a name server that does not answer, a time-out. Never: a host that does not exist, TLS, a wrong password, bad data.
    /// </remarks>
    public static bool IsTransient(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var causes = Causes(exception).ToList();
        if (causes.OfType<PostgresException>().FirstOrDefault() is { } reported)
        {
            var state = ShardError.StateOf(reported);
            return PoolerError.IsTransient(reported)
                || IsOldPlan(reported)
                || (state.StartsWith("08", StringComparison.Ordinal) && state != PostgresErrorCodes.ProtocolViolation)
                || (state.StartsWith("53", StringComparison.Ordinal) && state != PostgresErrorCodes.DiskFull)
                || state is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
                    or PostgresErrorCodes.LockNotAvailable
                    or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
                    or IdleSessionTimeout or IdleInTransactionTimeout or TransactionTimeout;
        }

        if (causes.Exists(cause => cause is AuthenticationException))
        {
            return false;
        }

        var sockets = causes.OfType<SocketException>().Select(cause => cause.SocketErrorCode).ToList();
        if (sockets.Count > 0)
        {
            // Of several hosts, one whose name is gone with it leaves the others, which take no writes yet.
            return sockets.Exists(error => error
                    is not (SocketError.HostNotFound or SocketError.NoData or SocketError.AddressNotAvailable or SocketError.AccessDenied))
                || (sockets is [SocketError.HostNotFound or SocketError.NoData] && causes.Exists(cause => cause is AggregateException));
        }

        // None of several hosts takes writes for now: one is taking over from another.
        if (causes.Exists(cause => cause is NpgsqlException && cause.Message.StartsWith(ClientError.NoSuitableHost, StringComparison.Ordinal)))
        {
            return true;
        }

        // A file that cannot be read is an IOException too; only Npgsql's own tell of a connection.
        return causes.Exists(cause => cause is TimeoutException)
            || (causes.Exists(cause => cause is NpgsqlException) && causes.Exists(cause => cause is IOException));
    }

    /// <summary>A statement that was prepared before somebody changed the type of one of its columns; a session prepares it anew after that.</summary>
    public static bool IsOldPlan(PostgresException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception is { SqlState: PostgresErrorCodes.FeatureNotSupported, Routine: "RevalidateCachedQuery" };
    }

    /// <summary>The exception and everything that caused it, outermost first.</summary>
    private static IEnumerable<Exception> Causes(Exception exception)
    {
        var inner = exception is AggregateException aggregate
            ? aggregate.InnerExceptions
            : exception.InnerException is { } one ? [one] : (IEnumerable<Exception>)[];
        return inner.SelectMany(Causes).Prepend(exception);
    }

    private static string Capitalized(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}

/// <summary>How an error is named, and what to do about it.</summary>
/// <param name="ErrorId">Stable id.</param>
/// <param name="Kind">What kind of thing went wrong.</param>
/// <param name="Remedy">What to do, a sentence; may be empty.</param>
/// <param name="Target">The object concerned; null means the connection.</param>
internal sealed record ErrorDescription(string ErrorId, StreamingErrorKind Kind, string Remedy, object? Target = null);
