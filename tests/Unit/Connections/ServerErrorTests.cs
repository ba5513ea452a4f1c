using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Sql;

namespace StreamingPg.Tests.Unit.Connections;

public sealed class ServerErrorTests : IDisposable
{
    private const string Password = "s3cret;pw";

    private readonly DatabaseConnection _connection = new(
        new NpgsqlConnectionStringBuilder { Host = "db.example.com", Database = "shop", Username = "loader", Password = Password },
        "sales",
        ConnectionSource.Parameter);

    [Theory]
    [InlineData("28P01", "AuthenticationFailed", StreamingErrorKind.AuthenticationFailed, "POSTGRES_PASSWORD")]
    [InlineData("28000", "AuthenticationFailed", StreamingErrorKind.AuthenticationFailed, "pg_hba.conf")]
    [InlineData("3D000", "DatabaseNotFound", StreamingErrorKind.NotFound, "CREATE DATABASE \"shop\"")]
    [InlineData("3F000", "SchemaNotFound", StreamingErrorKind.NotFound, "Initialize-StreamingSchema")]
    [InlineData("42P01", "TableNotFound", StreamingErrorKind.NotFound, "streamingpg init")]
    [InlineData("42703", "ColumnNotFound", StreamingErrorKind.SchemaMismatch, "-WhatIf")]
    [InlineData("42804", "ColumnTypeMismatch", StreamingErrorKind.SchemaMismatch, "-WhatIf")]
    [InlineData("42501", "PermissionDenied", StreamingErrorKind.PermissionDenied, "streamingpg test --for")]
    [InlineData("42939", "ReservedName", StreamingErrorKind.InvalidInput, "pg_")]
    [InlineData("25006", "ReadOnlyServer", StreamingErrorKind.PermissionDenied, "primary")]
    [InlineData("23505", "UniqueViolation", StreamingErrorKind.ConstraintViolated, "nothing of the transaction was kept")]
    [InlineData("23503", "ForeignKeyViolation", StreamingErrorKind.ConstraintViolated, "parent rows first")]
    [InlineData("23502", "NotNullViolation", StreamingErrorKind.ConstraintViolated, "value in every row")]
    [InlineData("23514", "CheckViolation", StreamingErrorKind.ConstraintViolated, "violate the constraint")]
    [InlineData("23P01", "ConstraintViolated", StreamingErrorKind.ConstraintViolated, "Correct the rows")]
    [InlineData("22001", "ValueTooLong", StreamingErrorKind.InvalidInput, "Shorten")]
    [InlineData("22003", "ValueOutOfRange", StreamingErrorKind.InvalidInput, "widen")]
    [InlineData("22007", "InvalidData", StreamingErrorKind.InvalidInput, "Correct the value")]
    [InlineData("2200H", "SequenceExhausted", StreamingErrorKind.ResourceExhausted, "bigint")]
    [InlineData("53100", "DiskFull", StreamingErrorKind.ResourceExhausted, "Free space")]
    [InlineData("53200", "ServerOutOfMemory", StreamingErrorKind.ResourceExhausted, "memory")]
    [InlineData("53300", "TooManyConnections", StreamingErrorKind.ResourceExhausted, "max_connections")]
    [InlineData("55P03", "LockNotAvailable", StreamingErrorKind.Timeout, "pg_locks")]
    [InlineData("57014", "StatementCanceled", StreamingErrorKind.Timeout, "statement_timeout")]
    [InlineData("57P01", "ServerShutDown", StreamingErrorKind.ConnectionFailed, "again")]
    [InlineData("57P02", "ServerShutDown", StreamingErrorKind.ConnectionFailed, "again")]
    [InlineData("57P03", "ServerNotReady", StreamingErrorKind.ConnectionFailed, "Wait")]
    [InlineData("40001", "SerializationFailure", StreamingErrorKind.Unexpected, "again")]
    [InlineData("40P01", "Deadlock", StreamingErrorKind.Unexpected, "again")]
    [InlineData("08006", "ConnectionBroken", StreamingErrorKind.ConnectionFailed, "again")]
    [InlineData("XX000", "ServerError", StreamingErrorKind.Unexpected, "log")]
    public void Each_sqlstate_has_a_name_a_kind_and_a_remedy(string sqlState, string errorId, StreamingErrorKind kind, string remedy)
    {
        var error = ServerError.Translate(new PostgresException("it went wrong", "ERROR", "ERROR", sqlState), _connection, "loading \"users\"");

        Assert.Equal(errorId, error.ErrorId);
        Assert.Equal(kind, error.Kind);
        Assert.Equal(sqlState, error.SqlState);
        Assert.Contains(remedy, error.Remedy, StringComparison.Ordinal);
        Assert.StartsWith("Loading \"users\" on db.example.com:5432/shop schema sales failed: it went wrong", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, error.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A server of Citus that ended is found by others as errors of their own; a full disk stays one.</summary>
    [Theory]
    [InlineData("XX000", "server closed the connection unexpectedly", true)]
    [InlineData("58030", "failed to COPY to shard 102029 on 10.0.0.2:5432", true)]
    [InlineData("58030", "could not read block 7 in file \"base/5/16384\": read only 0 of 8192 bytes", false)]
    [InlineData("XX000", "could not find the shard", false)]
    public void Work_is_tried_again_when_another_server_of_Citus_ended(string sqlState, string message, bool transient) =>
        Assert.Equal(transient, ServerError.IsTransient(new PostgresException(message, "ERROR", "ERROR", sqlState)));

    [Fact]
    public void The_servers_detail_and_the_objects_it_names_are_told()
    {
        var error = ServerError.Translate(
            new PostgresException(
                "duplicate key value violates unique constraint \"users_pkey\"", "ERROR", "ERROR", "23505",
                detail: "Key (user_id)=(7) already exists.", schemaName: "sales", tableName: "users", constraintName: "users_pkey",
                where: "COPY users, line 3\nsecond line"),
            _connection);

        Assert.Contains("Key (user_id)=(7) already exists.", error.Message, StringComparison.Ordinal);
        Assert.Contains("table \"sales\".\"users\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("COPY users, line 3", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("second line", error.Message, StringComparison.Ordinal);
        Assert.Single(error.Message.Split("users_pkey").Skip(1));
        Assert.Equal("\"sales\".\"users\"", error.Target);
    }

    [Theory]
    [InlineData("ERROR", "permission denied for schema sales", "streamingpg test --for")]
    [InlineData("ERROR", "permission denied for table users", "streamingpg test --for")]
    [InlineData("ERROR", "permission denied for sequence x_id_seq", "streamingpg test --for")]
    [InlineData("ERROR", "permission denied for database shop", "GRANT CREATE ON DATABASE \"shop\" TO \"loader\";")]
    [InlineData("FATAL", "permission denied for database \"shop\"", "GRANT CONNECT ON DATABASE \"shop\" TO \"loader\";")]
    [InlineData("ERROR", "must be owner of table users", "run the command as the owner")]
    public void A_missing_right_is_never_guessed(string severity, string message, string remedy)
    {
        var advice = ServerError.Translate(new PostgresException(message, severity, severity, "42501"), _connection).Remedy;
        Assert.Contains(remedy, advice, StringComparison.Ordinal);
        Assert.Equal(remedy.StartsWith("GRANT", StringComparison.Ordinal), advice.Contains("GRANT", StringComparison.Ordinal));
    }

    public static TheoryData<Exception, string, StreamingErrorKind, bool> ClientErrors => new()
    {
        { Npgsql(new SocketException((int)SocketError.ConnectionRefused)), "ConnectionRefused", StreamingErrorKind.ConnectionFailed, true },
        { Npgsql(new SocketException((int)SocketError.HostNotFound)), "HostNotFound", StreamingErrorKind.ConnectionFailed, false },
        { Npgsql(new SocketException((int)SocketError.TryAgain)), "HostNotFound", StreamingErrorKind.ConnectionFailed, true },
        { new SocketException((int)SocketError.HostNotFound), "HostNotFound", StreamingErrorKind.ConnectionFailed, false },
        { Npgsql(new SocketException((int)SocketError.NetworkUnreachable)), "HostUnreachable", StreamingErrorKind.ConnectionFailed, true },
        { Npgsql(new SocketException((int)SocketError.TimedOut)), "ServerTimeout", StreamingErrorKind.Timeout, true },
        { Npgsql(new IOException("x", new SocketException((int)SocketError.ConnectionReset))), "ConnectionBroken", StreamingErrorKind.ConnectionFailed, true },
        { Npgsql(new EndOfStreamException()), "ConnectionBroken", StreamingErrorKind.ConnectionFailed, true },
        { Npgsql(new TimeoutException()), "ServerTimeout", StreamingErrorKind.Timeout, true },
        { Npgsql(new AggregateException(new SocketException((int)SocketError.ConnectionRefused))), "ConnectionRefused", StreamingErrorKind.ConnectionFailed, true },
        { Npgsql(new AuthenticationException("bad certificate")), "TlsFailed", StreamingErrorKind.ConnectionFailed, false },
        { new NpgsqlException("No password has been provided but the backend requires one (in SASL/SCRAM-SHA-256)"), "PasswordMissing", StreamingErrorKind.AuthenticationFailed, false },
        { new InvalidOperationException("a bug"), "ServerError", StreamingErrorKind.Unexpected, false },
    };

    [Theory]
    [MemberData(nameof(ClientErrors))]
    public void Errors_without_sqlstate_are_told_apart(Exception exception, string errorId, StreamingErrorKind kind, bool transient)
    {
        var error = ServerError.Translate(exception, _connection);

        Assert.Equal(errorId, error.ErrorId);
        Assert.Equal(kind, error.Kind);
        Assert.Null(error.SqlState);
        Assert.Same(exception, error.InnerException);
        Assert.Equal(transient, ServerError.IsTransient(exception));
        Assert.Equal(transient, ServerError.IsTransient(error));
    }

    [Theory]
    [InlineData("40001", true)]
    [InlineData("40P01", true)]
    [InlineData("08006", true)]
    [InlineData("53300", true)]
    [InlineData("55P03", true)]
    [InlineData("57P01", true)]
    [InlineData("57P03", true)]
    [InlineData("53100", false)]
    [InlineData("57014", false)]
    [InlineData("23505", false)]
    [InlineData("28P01", false)]
    [InlineData("42501", false)]
    public void What_may_pass_is_transient(string sqlState, bool transient) =>
        Assert.Equal(transient, ServerError.IsTransient(new PostgresException("x", "ERROR", "ERROR", sqlState)));

    [Theory]
    [InlineData("invalid message format", "pq_getmsgend", false)]
    [InlineData("query_wait_timeout", null, true)]
    [InlineData("no such database: shop", null, false)]
    public void A_protocol_violation_is_transient_when_a_pooler_reports_that_it_has_no_session(string message, string? routine, bool transient) =>
        Assert.Equal(transient, ServerError.IsTransient(
            new PostgresException(message, "ERROR", "ERROR", PostgresErrorCodes.ProtocolViolation, routine: routine)));

    [Fact]
    public void Of_several_hosts_one_whose_name_is_gone_leaves_the_others()
    {
        var gone = Npgsql(new SocketException((int)SocketError.HostNotFound));
        var down = Npgsql(new SocketException((int)SocketError.ConnectionRefused));

        // The other host is a standby: it answered, and is not in the list.
        Assert.True(ServerError.IsTransient(Npgsql(new AggregateException(gone))));
        Assert.True(ServerError.IsTransient(Npgsql(new AggregateException(gone, down))));
        Assert.False(ServerError.IsTransient(Npgsql(new AggregateException(gone, gone))));
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_no_broken_connection() => Assert.False(ServerError.IsTransient(new IOException("disk")));

    [Fact]
    public void An_error_of_ours_stays_as_it_is()
    {
        var ours = new StreamingException("X", StreamingErrorKind.InvalidInput, "Problem.", "Remedy.");
        Assert.Same(ours, ServerError.Translate(ours, _connection));
    }

    public void Dispose() => _connection.Dispose();

    private static NpgsqlException Npgsql(Exception inner) => new("Failed to connect to 10.0.0.1:5432", inner);
}
