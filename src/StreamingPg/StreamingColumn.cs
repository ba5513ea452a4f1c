namespace StreamingPg;

/// <summary>A metadata column and the source of its values.</summary>
public sealed record StreamingColumn
{
    /// <summary>Table.</summary>
    public required string Table { get; init; }

    /// <summary>Column.</summary>
    public required string Column { get; init; }

    /// <summary>SQL type.</summary>
    public required string Type { get; init; }

    /// <summary>The generator, or the metadata property that defines the values.</summary>
    public required string Generator { get; init; }

    /// <summary>What determined the generator.</summary>
    public required GeneratorOrigin Origin { get; init; }

    /// <summary>Why it was chosen.</summary>
    public required string Reason { get; init; }
}

/// <summary>What determined the generator of a column.</summary>
public enum GeneratorOrigin
{
    /// <summary>The metadata names it.</summary>
    Declared,

    /// <summary>The column's name and type suggest it.</summary>
    Inferred,

    /// <summary>The column is the primary key.</summary>
    Key,

    /// <summary>The value comes from a parent row.</summary>
    Parent,

    /// <summary>The value comes from the server.</summary>
    Server,
}
