namespace StreamingPg.Core.Rights;

/// <summary>What the role of a connection may do in its schema.</summary>
internal sealed record Rights
{
    /// <summary>True when the schema is there.</summary>
    public bool SchemaExists { get; init; }

    /// <summary>True when the role may create tables in the schema, or the schema itself when it is missing.</summary>
    public bool CanCreate { get; init; }

    /// <summary>True when every table of the model is there and may be loaded.</summary>
    public bool CanLoad { get; init; }

    /// <summary>True when foreign keys can be proven by set.</summary>
    public bool CanCheckBySet { get; init; }

    /// <summary>What row-level security means for the role, a sentence per table that it holds for.</summary>
    public IReadOnlyList<string> RowSecurity { get; init; } = [];

    /// <summary>What is missing, each a sentence with its remedy.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];
}
