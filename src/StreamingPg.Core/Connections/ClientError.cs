using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace StreamingPg.Core.Connections;

/// <summary>Errors that the server did not report itself: it could not be reached, or the connection broke.</summary>
internal static class ClientError
{
    /// <summary>How Npgsql begins to say that it found no host of the kind that is wanted.</summary>
    public const string NoSuitableHost = "No suitable host";

    /// <summary>Name and remedy of an error.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="causes">It and everything that caused it, outermost first.</param>
    /// <param name="connection">The database concerned.</param>
    public static ErrorDescription Of(Exception exception, IReadOnlyList<Exception> causes, StreamingConnection connection)
    {
        if (causes.OfType<AuthenticationException>().Any() || exception.Message.Contains("SSL", StringComparison.Ordinal))
        {
            return new(
                ErrorIds.TlsFailed,
                StreamingErrorKind.ConnectionFailed,
                "Check the SSL mode (Disable, Prefer, Require, VerifyFull) and the root certificate (PGSSLROOTCERT).");
        }

        if (exception.Message.StartsWith("No password has been provided", StringComparison.Ordinal))
        {
            return new(
                ErrorIds.PasswordMissing,
                StreamingErrorKind.AuthenticationFailed,
                "Use -Credential, POSTGRES_PASSWORD or a PostgreSQL password file (~/.pgpass).");
        }

        if (exception.Message.StartsWith(NoSuitableHost, StringComparison.Ordinal))
        {
            return new(
                ErrorIds.NoSuitableHost,
                StreamingErrorKind.ConnectionFailed,
                "None of the hosts matches \"Target Session Attributes\". Name more hosts, or use prefer-standby.");
        }

        if (causes.OfType<SocketException>().FirstOrDefault() is { } socket)
        {
            return OfSocket(socket.SocketErrorCode, connection);
        }

        if (exception.Message.Contains("pool has been exhausted", StringComparison.Ordinal))
        {
            return new(
                ErrorIds.PoolExhausted,
                StreamingErrorKind.ResourceExhausted,
                "Run fewer jobs on this connection at the same time, or raise -MaxPoolSize of Connect-StreamingDatabase (--max-pool-size, or \"Maximum Pool Size\" in the connection string).");
        }

        if (causes.Any(cause => cause is TimeoutException))
        {
            return TimedOut();
        }

        return causes.Any(cause => cause is IOException)
            ? Broken()
            : new(ErrorIds.ServerError, StreamingErrorKind.Unexpected, "");
    }

    /// <summary>What happened, in the words of the innermost cause that says something.</summary>
    public static string Describe(Exception exception, IReadOnlyList<Exception> causes)
    {
        Exception telling = causes.OfType<SocketException>().FirstOrDefault<Exception>()
            ?? causes.OfType<AuthenticationException>().FirstOrDefault<Exception>()
            ?? exception;
        var message = telling is NpgsqlException { InnerException: { } inner } && inner is TimeoutException or IOException
            ? $"{telling.Message}: {telling.InnerException?.Message}"
            : telling.Message;
        return message.EndsWith('.') ? message : message + ".";
    }

    private static ErrorDescription OfSocket(SocketError error, StreamingConnection connection) => error switch
    {
        SocketError.ConnectionRefused => new(
            ErrorIds.ConnectionRefused,
            StreamingErrorKind.ConnectionFailed,
            $"Check that a PostgreSQL server is running there and that the port is {connection.Port}. Start-StreamingServer (streamingpg server start) starts a private one."),
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => new(
            ErrorIds.HostNotFound, StreamingErrorKind.ConnectionFailed, $"Check the host name \"{connection.HostName}\"."),
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.NetworkDown => new(
            ErrorIds.HostUnreachable, StreamingErrorKind.ConnectionFailed, "Check the network, the VPN and the firewall."),
        SocketError.AddressNotAvailable => new(
            ErrorIds.SocketNotFound,
            StreamingErrorKind.ConnectionFailed,
            $"Check that a PostgreSQL server with port {connection.Port} has its socket in {connection.HostName}."),
        SocketError.AccessDenied => new(
            ErrorIds.SocketAccessDenied, StreamingErrorKind.PermissionDenied, "Check that your account may use the server's socket, or connect by host name."),
        SocketError.TimedOut => TimedOut(),
        _ => Broken(),
    };

    private static ErrorDescription TimedOut() => new(
        ErrorIds.ServerTimeout,
        StreamingErrorKind.Timeout,
        "Check that the server is running and reachable (a firewall that drops packets has the same effect), or raise \"Timeout\" in the connection string.");

    private static ErrorDescription Broken() => new(
        ErrorIds.ConnectionBroken,
        StreamingErrorKind.ConnectionFailed,
        "Check the server log for the reason, and run the command again; nothing uncommitted was kept.");
}
