namespace StreamingPg;

/// <summary>What an import does with a row whose primary key already exists in the table or earlier in the input.</summary>
public enum ConflictAction
{
    /// <summary>The row is an error.</summary>
    Error,

    /// <summary>The existing row stays unchanged.</summary>
    Skip,

    /// <summary>The existing row gets the values of the input.</summary>
    Update,
}
