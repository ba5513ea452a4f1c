namespace StreamingPg;

/// <summary>The work that a role is to do; each needs rights of its own.</summary>
public enum ConnectionPurpose
{
    /// <summary>Load batches.</summary>
    Batch,

    /// <summary>Stream; with retention, <see cref="Retention"/> as well.</summary>
    Stream,

    /// <summary>Import rows.</summary>
    Import,

    /// <summary>Remove old rows.</summary>
    Retention,

    /// <summary>Close unfinished batches.</summary>
    Close,

    /// <summary>Check integrity.</summary>
    Check,

    /// <summary>Write a report.</summary>
    Report,

    /// <summary>Show the size and growth of the tables.</summary>
    Growth,

    /// <summary>List the batches of the ledger.</summary>
    Ledger,

    /// <summary>Analyze users, products and relationships.</summary>
    Analysis,

    /// <summary>Generate rows that refer to rows of the database.</summary>
    Generate,

    /// <summary>Check health.</summary>
    Health,

    /// <summary>Create the schema and its tables.</summary>
    Schema,

    /// <summary>Change existing tables.</summary>
    Update,

    /// <summary>Fill all tables of a schema without metadata.</summary>
    Fill,

    /// <summary>Clear the tables, or drop them.</summary>
    Clear,
}
