using System.Text;
using Npgsql;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Connections;

/// <summary>Errors that PostgreSQL reported, by SQLSTATE (appendix A of its manual).</summary>
internal static class SqlStateError
{
    /// <summary>sequence_generator_limit_exceeded, which Npgsql has no name for.</summary>
    private const string SequenceLimitExceeded = "2200H";

    private const string MakeSchema = "Run Initialize-StreamingSchema (streamingpg init) first, or name the right schema.";
    private const string CompareSchema =
        "The table is not as the model describes it; Initialize-StreamingSchema -WhatIf (streamingpg init --what-if) shows the difference.";
    private const string RunAgain = "Run the command again; nothing of this attempt stays.";

    /// <summary>Name and remedy of an error.</summary>
    public static ErrorDescription Of(PostgresException error, StreamingConnection connection) =>
        PoolerError.Of(error) ?? OfAccess(error, connection) ?? OfData(error) ?? OfResources(error) ?? OfClass(error);

    /// <summary>The server's words, with its detail and the objects it names.</summary>
    public static string Describe(PostgresException error)
    {
        var text = new StringBuilder(error.MessageText);
        if (!string.IsNullOrEmpty(error.Detail))
        {
            text.Append(" (").Append(error.Detail).Append(')');
        }

        if (Relation(error) is { } relation)
        {
            text.Append(", table ").Append(relation);
        }

        AppendName(text, "column", error.ColumnName);
        AppendName(text, "constraint", error.ConstraintName);
        if (error.Where?.Split('\n')[0] is { } where && where.StartsWith("COPY ", StringComparison.Ordinal))
        {
            text.Append(", at ").Append(where);
        }

        return text.Append('.').Append(" [").Append(error.SqlState).Append(']').ToString();
    }

    /// <summary>Who may connect, what is there, what is allowed.</summary>
    private static ErrorDescription? OfAccess(PostgresException error, StreamingConnection connection) => error.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword => new(
            "AuthenticationFailed",
            StreamingErrorKind.AuthenticationFailed,
            "Check user name and password (-Credential, POSTGRES_USER and POSTGRES_PASSWORD, or ~/.pgpass)."),
        PostgresErrorCodes.InvalidAuthorizationSpecification => new(
            "AuthenticationFailed",
            StreamingErrorKind.AuthenticationFailed,
            "Check the user name, and whether pg_hba.conf of the server lets this user in from this host."),
        PostgresErrorCodes.InvalidCatalogName => new(
            "DatabaseNotFound",
            StreamingErrorKind.NotFound,
            $"Create it with CREATE DATABASE {QuotedOr(connection.Database, "<name>")}, or name another.",
            connection.Database),
        PostgresErrorCodes.InvalidSchemaName => new("SchemaNotFound", StreamingErrorKind.NotFound, MakeSchema, connection.Schema),
        PostgresErrorCodes.UndefinedTable => new("TableNotFound", StreamingErrorKind.NotFound, MakeSchema),
        PostgresErrorCodes.UndefinedColumn => new("ColumnNotFound", StreamingErrorKind.SchemaMismatch, CompareSchema, Relation(error)),
        PostgresErrorCodes.DatatypeMismatch or PostgresErrorCodes.InvalidBinaryRepresentation or PostgresErrorCodes.BadCopyFileFormat
            or PostgresErrorCodes.ProtocolViolation => new("ColumnTypeMismatch", StreamingErrorKind.SchemaMismatch, CompareSchema, Relation(error)),
        PostgresErrorCodes.ReservedName => new(
            "ReservedName", StreamingErrorKind.InvalidInput, "Names that begin with pg_ belong to PostgreSQL; choose another."),
        PostgresErrorCodes.InsufficientPrivilege => new("PermissionDenied", StreamingErrorKind.PermissionDenied, GrantAdvice.For(error, connection), Relation(error)),
        PostgresErrorCodes.ReadOnlySqlTransaction => new(
            "ReadOnlyServer",
            StreamingErrorKind.PermissionDenied,
            "The server takes no writes: connect to the primary, or turn default_transaction_read_only off."),
        _ => null,
    };

    /// <summary>Values and the constraints on them.</summary>
    private static ErrorDescription? OfData(PostgresException error) => error.SqlState switch
    {
        PostgresErrorCodes.UniqueViolation => new(
            "UniqueViolation", StreamingErrorKind.ConstraintViolated, "A row with this key is there already; nothing of the transaction stays.", Relation(error)),
        PostgresErrorCodes.ForeignKeyViolation => new(
            "ForeignKeyViolation",
            StreamingErrorKind.ConstraintViolated,
            "Load the parent rows first or in the same import; nothing of the transaction stays.",
            Relation(error)),
        PostgresErrorCodes.NotNullViolation => new(
            "NotNullViolation", StreamingErrorKind.ConstraintViolated, "Give the column a value in every row; nothing of the transaction stays.", Relation(error)),
        PostgresErrorCodes.CheckViolation => new(
            "CheckViolation", StreamingErrorKind.ConstraintViolated, "Correct the rows that break the constraint; nothing of the transaction stays.", Relation(error)),
        PostgresErrorCodes.StringDataRightTruncation => new(
            "ValueTooLong", StreamingErrorKind.InvalidInput, "Shorten the value or widen the column; nothing of the transaction stays.", Relation(error)),
        PostgresErrorCodes.NumericValueOutOfRange => new(
            "ValueOutOfRange", StreamingErrorKind.InvalidInput, "Correct the number or widen the column; nothing of the transaction stays.", Relation(error)),
        SequenceLimitExceeded => new(
            "SequenceExhausted",
            StreamingErrorKind.ResourceExhausted,
            "The column's type has no higher number: delete old rows and reset the sequence, or change column and sequence to bigint.",
            Relation(error)),
        _ => null,
    };

    /// <summary>What ran out, took too long or got in the way.</summary>
    private static ErrorDescription? OfResources(PostgresException error) => error.SqlState switch
    {
        PostgresErrorCodes.DiskFull => new(
            "DiskFull", StreamingErrorKind.ResourceExhausted, "Free space on the server's disk and run the command again; nothing of the transaction stays."),
        PostgresErrorCodes.OutOfMemory => new(
            "ServerOutOfMemory", StreamingErrorKind.ResourceExhausted, "Give the server more memory, or load in smaller parts."),
        PostgresErrorCodes.TooManyConnections => new(
            "TooManyConnections", StreamingErrorKind.ResourceExhausted, "Close other sessions, use fewer connections at a time, or raise max_connections."),
        PostgresErrorCodes.LockNotAvailable => new(
            "LockNotAvailable", StreamingErrorKind.Timeout, $"Another session holds the lock (see pg_locks). {RunAgain}"),
        PostgresErrorCodes.QueryCanceled => new(
            "StatementCanceled",
            StreamingErrorKind.Timeout,
            "If a time limit cut this off, raise it: -StatementTimeout (--statement-timeout) where the command has it, "
            + "else statement_timeout of the role or database."),
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => new(
            "ServerShutDown", StreamingErrorKind.ConnectionFailed, $"The server ended the connection. {RunAgain}"),
        "25P03" or "25P04" or "57P05" => new(
            "SessionTimedOut",
            StreamingErrorKind.Timeout,
            $"The server ended a session that stood still for too long: this machine may have slept, or been paused. {RunAgain}"),
        PostgresErrorCodes.CannotConnectNow => new(
            "ServerNotReady", StreamingErrorKind.ConnectionFailed, "The server is starting or stopping; wait a moment and run the command again."),
        PostgresErrorCodes.SerializationFailure => new("SerializationFailure", StreamingErrorKind.Unexpected, RunAgain),
        PostgresErrorCodes.DeadlockDetected => new("Deadlock", StreamingErrorKind.Unexpected, RunAgain),
        _ => null,
    };

    private static ErrorDescription OfClass(PostgresException error) => error.SqlState[..2] switch
    {
        "08" => new("ConnectionBroken", StreamingErrorKind.ConnectionFailed, RunAgain),
        "22" => new("InvalidData", StreamingErrorKind.InvalidInput, "Correct the value; nothing of the transaction stays.", Relation(error)),
        "23" => new("ConstraintViolated", StreamingErrorKind.ConstraintViolated, "Correct the rows; nothing of the transaction stays.", Relation(error)),
        "53" => new("ServerResourceExhausted", StreamingErrorKind.ResourceExhausted, "Give the server more of what ran out."),
        _ => new("ServerError", StreamingErrorKind.Unexpected, "The server's log may say more."),
    };

    private static string? Relation(PostgresException error) => error switch
    {
        { TableName: not { Length: > 0 } } => null,
        { SchemaName: { Length: > 0 } schema } => Identifier.Quote(schema, error.TableName),
        _ => Identifier.Quote(error.TableName),
    };

    private static string QuotedOr(string name, string otherwise) => name.Length == 0 ? otherwise : Identifier.Quote(name);

    private static void AppendName(StringBuilder text, string what, string? name)
    {
        if (!string.IsNullOrEmpty(name) && !text.ToString().Contains($"\"{name}\"", StringComparison.Ordinal))
        {
            text.Append(", ").Append(what).Append(' ').Append(Identifier.Quote(name));
        }
    }
}
