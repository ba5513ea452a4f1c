namespace StreamingPg;

/// <summary>What initializing the schema did to one object.</summary>
public sealed record SchemaChange
{
    /// <summary>Kind of object: schema, table, index, foreign key, ledger.</summary>
    public required string Kind { get; init; }

    /// <summary>Name of the object.</summary>
    public required string Name { get; init; }

    /// <summary>What happened, or would happen.</summary>
    public required SchemaAction Action { get; init; }

    /// <summary>The statement that creates the object; empty if there is none to run.</summary>
    public string Sql { get; init; } = "";

    /// <summary>The difference as text, if there is one.</summary>
    public string Detail { get; init; } = "";
}
