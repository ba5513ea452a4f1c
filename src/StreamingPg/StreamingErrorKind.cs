namespace StreamingPg;

/// <summary>What kind of thing went wrong; decides the error category in PowerShell and the exit code of the command line.</summary>
public enum StreamingErrorKind
{
    /// <summary>An argument, a file or a row that cannot be used as it is.</summary>
    InvalidInput,

    /// <summary>Metadata that does not describe a usable set of tables.</summary>
    InvalidMetadata,

    /// <summary>No setting says which database to use.</summary>
    NotConfigured,

    /// <summary>The server could not be reached, or closed the connection.</summary>
    ConnectionFailed,

    /// <summary>The server refused the user name or password.</summary>
    AuthenticationFailed,

    /// <summary>A right is missing.</summary>
    PermissionDenied,

    /// <summary>A database, schema, table, column or file is not there.</summary>
    NotFound,

    /// <summary>What is in the database does not fit the model.</summary>
    SchemaMismatch,

    /// <summary>A constraint of the database was violated; nothing of the transaction stays.</summary>
    ConstraintViolated,

    /// <summary>Something has run out: disk, a sequence, connections, different values for a unique column.</summary>
    ResourceExhausted,

    /// <summary>The operation did not end in its time.</summary>
    Timeout,

    /// <summary>A needed program is not installed.</summary>
    NotInstalled,

    /// <summary>Anything else; the inner exception has the cause.</summary>
    Unexpected,
}
