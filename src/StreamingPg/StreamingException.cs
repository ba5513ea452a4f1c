namespace StreamingPg;

/// <summary>
/// The exception type that StreamingPg throws on purpose. Its message says what failed and on what, and ends with the
/// remedy; it never holds a password.
/// </summary>
public sealed class StreamingException : Exception
{
    /// <summary>Makes an exception whose message is <paramref name="problem"/> followed by <paramref name="remedy"/>.</summary>
    /// <param name="errorId">Stable id such as <c>ConnectionRefused</c>; part of PowerShell's FullyQualifiedErrorId.</param>
    /// <param name="kind">Kind of error.</param>
    /// <param name="problem">What failed and on what: a sentence.</param>
    /// <param name="remedy">What to do: a sentence; empty if there is no advice.</param>
    /// <param name="target">The object concerned: a table, a file, a host.</param>
    /// <param name="innerException">The cause.</param>
    public StreamingException(
        string errorId,
        StreamingErrorKind kind,
        string problem,
        string remedy,
        object? target = null,
        Exception? innerException = null)
        : base(string.IsNullOrEmpty(remedy) ? problem : $"{problem} {remedy}", innerException)
    {
        ErrorId = errorId;
        Kind = kind;
        Problem = problem;
        Remedy = remedy;
        Target = target;
    }

    /// <summary>Stable id of the error.</summary>
    public string ErrorId { get; }

    /// <summary>Kind of error.</summary>
    public StreamingErrorKind Kind { get; }

    /// <summary>What failed and on what: the message without the remedy.</summary>
    public string Problem { get; }

    /// <summary>What to do; may be empty.</summary>
    public string Remedy { get; }

    /// <summary>The object concerned: a table, a file, a host; may be null.</summary>
    public object? Target { get; }

    /// <summary>The SQLSTATE that PostgreSQL reported, or null if the error did not come from the server.</summary>
    public string? SqlState { get; init; }
}

/// <summary>Kind of error; determines the error category in PowerShell and the exit code of the command line.</summary>
public enum StreamingErrorKind
{
    /// <summary>An invalid argument, file or row.</summary>
    InvalidInput,

    /// <summary>Invalid metadata.</summary>
    InvalidMetadata,

    /// <summary>No setting says which database to use.</summary>
    NotConfigured,

    /// <summary>The server could not be reached, or closed the connection.</summary>
    ConnectionFailed,

    /// <summary>The server rejected the user name or password.</summary>
    AuthenticationFailed,

    /// <summary>A privilege is missing.</summary>
    PermissionDenied,

    /// <summary>A database, schema, table, column or file does not exist.</summary>
    NotFound,

    /// <summary>The database does not match the model.</summary>
    SchemaMismatch,

    /// <summary>A database constraint was violated; nothing of the transaction was kept.</summary>
    ConstraintViolated,

    /// <summary>A resource is exhausted: disk, a sequence, connections, distinct values for a unique column.</summary>
    ResourceExhausted,

    /// <summary>The operation timed out.</summary>
    Timeout,

    /// <summary>A required program is not installed.</summary>
    NotInstalled,

    /// <summary>Anything else; the inner exception has the cause.</summary>
    Unexpected,
}
