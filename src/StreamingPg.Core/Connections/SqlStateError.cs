using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Connections;

/// <summary>Errors that PostgreSQL reported, by SQLSTATE (appendix A of its manual).</summary>
internal static partial class SqlStateError
{
    /// <summary>sequence_generator_limit_exceeded, which Npgsql has no name for.</summary>
    private const string SequenceLimitExceeded = "2200H";

    private const string MakeSchema = "Run Initialize-StreamingSchema (streamingpg init) first, or use another schema.";
    private const string CompareSchema =
        "The table does not match the model; Initialize-StreamingSchema -WhatIf (streamingpg init --what-if) shows the difference.";
    private const string RunAgain = "Run the command again; nothing of this attempt was kept.";

    /// <summary>Name and remedy of an error.</summary>
    public static ErrorDescription Of(PostgresException error, StreamingConnection connection) =>
        PoolerError.Of(error) ?? OfFunction(error) ?? OfAccess(error, connection) ?? OfData(error) ?? OfResources(error) ?? OfClass(error);

    /// <summary>The server's words, with its detail and the objects it names.</summary>
    public static string Describe(PostgresException error)
    {
        var text = new StringBuilder(ShardError.WithoutShards(error, error.MessageText));
        if (!string.IsNullOrEmpty(error.Detail))
        {
            text.Append(" (").Append(ShardError.WithoutShards(error, error.Detail)).Append(')');
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

    /// <summary>What went wrong in a function of the database that the server ran for a table: as a trigger, in an index, a constraint or a default.</summary>
    private static ErrorDescription? OfFunction(PostgresException error)
    {
        var isNotFound = error.SqlState is PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedObject
            or PostgresErrorCodes.InvalidSchemaName;
        if ((!isNotFound && error.SqlState[..2] is not ("P0" or "42" or "39" or "XX" or "38")) || error.SqlState == PostgresErrorCodes.InsufficientPrivilege
            || error.Where?.Split('\n').Select(line => Function().Match(line)).FirstOrDefault(match => match.Success) is not { } match)
        {
            return null;
        }

        var function = DisplayText.Plain(match.Groups["name"].Value.Trim('"'));
        return new ErrorDescription(
            ErrorIds.ServerError,
            StreamingErrorKind.Unexpected,
            isNotFound
                ? $"Function {function} of the database names what its search path does not find: set one for it (ALTER FUNCTION ... SET search_path), or add the schema there."
                : $"Function {function} of the database, which the server ran for the table, says so: correct the function, or give it rows that it takes.",
            Relation(error));
    }

    // PL/pgSQL function check_it() line 3 at RAISE; SQL function "point_of" during inlining
    [GeneratedRegex("""^(?:PL/\w+|SQL) function (?<name>"[^"]+"|\S+(?: [^()]*\))?)""", RegexOptions.CultureInvariant)]
    private static partial Regex Function();

    /// <summary>Who may connect, what is there, what is allowed.</summary>
    private static ErrorDescription? OfAccess(PostgresException error, StreamingConnection connection) => error.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword => new(
            ErrorIds.AuthenticationFailed,
            StreamingErrorKind.AuthenticationFailed,
            "Check user name and password (-Credential, POSTGRES_USER and POSTGRES_PASSWORD, or ~/.pgpass)."),
        PostgresErrorCodes.InvalidAuthorizationSpecification => new(
            ErrorIds.AuthenticationFailed,
            StreamingErrorKind.AuthenticationFailed,
            "Check the user name, and whether the server's pg_hba.conf allows this user from this host."),
        PostgresErrorCodes.InvalidCatalogName => new(
            ErrorIds.DatabaseNotFound,
            StreamingErrorKind.NotFound,
            $"Create it with CREATE DATABASE {QuotedOr(connection.Database, "<name>")}, or use another database.",
            connection.Database),
        PostgresErrorCodes.InvalidSchemaName => new(ErrorIds.SchemaNotFound, StreamingErrorKind.NotFound, MakeSchema, connection.Schema),
        PostgresErrorCodes.UndefinedTable => new(ErrorIds.TableNotFound, StreamingErrorKind.NotFound, MakeSchema),
        PostgresErrorCodes.UndefinedColumn => new(ErrorIds.ColumnNotFound, StreamingErrorKind.SchemaMismatch, CompareSchema, Relation(error)),
        PostgresErrorCodes.DatatypeMismatch or PostgresErrorCodes.InvalidBinaryRepresentation or PostgresErrorCodes.BadCopyFileFormat
            or PostgresErrorCodes.ProtocolViolation => new(ErrorIds.ColumnTypeMismatch, StreamingErrorKind.SchemaMismatch, CompareSchema, Relation(error)),
        PostgresErrorCodes.ReservedName => new(
            ErrorIds.ReservedName, StreamingErrorKind.InvalidInput, "Names that start with pg_ are reserved by PostgreSQL; choose another."),
        PostgresErrorCodes.InsufficientPrivilege => new(ErrorIds.PermissionDenied, StreamingErrorKind.PermissionDenied, GrantAdvice.For(error, connection), Relation(error)),
        PostgresErrorCodes.ReadOnlySqlTransaction => new(
            ErrorIds.ReadOnlyServer,
            StreamingErrorKind.PermissionDenied,
            "The server is read-only: connect to the primary, or turn default_transaction_read_only off."),
        _ => null,
    };

    /// <summary>Values and the constraints on them.</summary>
    private static ErrorDescription? OfData(PostgresException error) => ShardError.StateOf(error) switch
    {
        PostgresErrorCodes.UniqueViolation => new(
            ErrorIds.UniqueViolation, StreamingErrorKind.ConstraintViolated, "A row with this key already exists; nothing of the transaction was kept.", Relation(error)),
        PostgresErrorCodes.ForeignKeyViolation => new(
            ErrorIds.ForeignKeyViolation,
            StreamingErrorKind.ConstraintViolated,
            "Load the parent rows first or in the same import; nothing of the transaction was kept.",
            Relation(error)),
        PostgresErrorCodes.NotNullViolation => new(
            ErrorIds.NotNullViolation, StreamingErrorKind.ConstraintViolated, "Give the column a value in every row; nothing of the transaction was kept.", Relation(error)),
        PostgresErrorCodes.CheckViolation => new(
            ErrorIds.CheckViolation, StreamingErrorKind.ConstraintViolated, "Correct the rows that violate the constraint; nothing of the transaction was kept.", Relation(error)),
        PostgresErrorCodes.StringDataRightTruncation => new(
            ErrorIds.ValueTooLong, StreamingErrorKind.InvalidInput, "Shorten the value or widen the column; nothing of the transaction was kept.", Relation(error)),
        PostgresErrorCodes.NumericValueOutOfRange => new(
            ErrorIds.ValueOutOfRange, StreamingErrorKind.InvalidInput, "Correct the number or widen the column; nothing of the transaction was kept.", Relation(error)),
        SequenceLimitExceeded => new(
            ErrorIds.SequenceExhausted,
            StreamingErrorKind.ResourceExhausted,
            "The column type has no higher number. Make the key bigint while others go on writing: Update-StreamingSchema -WidenKey (streamingpg update-schema --widen-key).",
            Relation(error)),
        _ => null,
    };

    /// <summary>What ran out, took too long or got in the way.</summary>
    private static ErrorDescription? OfResources(PostgresException error) => ShardError.StateOf(error) switch
    {
        PostgresErrorCodes.DiskFull => new(
            ErrorIds.DiskFull, StreamingErrorKind.ResourceExhausted, "Free space on the server's disk and run the command again; nothing of the transaction was kept."),
        PostgresErrorCodes.OutOfMemory => new(
            ErrorIds.ServerOutOfMemory, StreamingErrorKind.ResourceExhausted, "Give the server more memory, or use smaller chunks."),
        PostgresErrorCodes.TooManyConnections => new(
            ErrorIds.TooManyConnections, StreamingErrorKind.ResourceExhausted, "Close other sessions, use fewer connections, or raise max_connections."),
        PostgresErrorCodes.LockNotAvailable => new(
            ErrorIds.LockNotAvailable, StreamingErrorKind.Timeout, $"Another session holds the lock (see pg_locks). {RunAgain}"),
        PostgresErrorCodes.QueryCanceled => new(
            ErrorIds.StatementCanceled,
            StreamingErrorKind.Timeout,
            "If a timeout caused this, raise it: -StatementTimeout (--statement-timeout) if the command has it, "
            + "else statement_timeout of the role or database."),
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => new(
            ErrorIds.ServerShutDown, StreamingErrorKind.ConnectionFailed, $"The server ended the connection. {RunAgain}"),
        "25P03" or "25P04" or "57P05" => new(
            ErrorIds.SessionTimedOut,
            StreamingErrorKind.Timeout,
            $"The server ended a session that was idle for too long; this machine may have been asleep or paused. {RunAgain}"),
        PostgresErrorCodes.CannotConnectNow => new(
            ErrorIds.ServerNotReady, StreamingErrorKind.ConnectionFailed, "The server is starting up or shutting down. Wait a moment and run the command again."),
        PostgresErrorCodes.SerializationFailure => new(ErrorIds.SerializationFailure, StreamingErrorKind.Unexpected, RunAgain),
        PostgresErrorCodes.DeadlockDetected => new(ErrorIds.Deadlock, StreamingErrorKind.Unexpected, RunAgain),
        _ => null,
    };

    private static ErrorDescription OfClass(PostgresException error) => ShardError.StateOf(error)[..2] switch
    {
        "08" => new(ErrorIds.ConnectionBroken, StreamingErrorKind.ConnectionFailed, RunAgain),
        "22" => new(ErrorIds.InvalidData, StreamingErrorKind.InvalidInput, "Correct the value; nothing of the transaction was kept.", Relation(error)),
        "23" => new(ErrorIds.ConstraintViolated, StreamingErrorKind.ConstraintViolated, "Correct the rows; nothing of the transaction was kept.", Relation(error)),
        "53" => new(ErrorIds.ServerResourceExhausted, StreamingErrorKind.ResourceExhausted, "Give the server more of this resource."),
        _ => new(ErrorIds.ServerError, StreamingErrorKind.Unexpected, "Check the server log for details."),
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
