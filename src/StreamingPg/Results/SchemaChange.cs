namespace StreamingPg;

/// <summary>What initializing or removing the schema did to one object.</summary>
public sealed record SchemaChange
{
    /// <summary>Kind of object: schema, table, index, foreign key, ledger.</summary>
    public required string Kind { get; init; }

    /// <summary>Name of the object.</summary>
    public required string Name { get; init; }

    /// <summary>What happened, or would happen.</summary>
    public required SchemaAction Action { get; init; }

    /// <summary>The statement that creates or removes the object; empty if there is none to run.</summary>
    public string Sql { get; init; } = "";

    /// <summary>The difference as text, if there is one.</summary>
    public string Detail { get; init; } = "";
}

/// <summary>What happened, or would happen, to an object of the schema.</summary>
public enum SchemaAction
{
    /// <summary>The object exists and matches.</summary>
    Unchanged,

    /// <summary>The object was created.</summary>
    Created,

    /// <summary>The object would be created; nothing was done.</summary>
    WouldCreate,

    /// <summary>The object exists but does not match; it was left unchanged.</summary>
    Different,

    /// <summary>The object was removed.</summary>
    Removed,

    /// <summary>The object would be removed; nothing was done.</summary>
    WouldRemove,
}
