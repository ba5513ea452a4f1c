namespace StreamingPg;

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
