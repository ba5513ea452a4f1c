namespace StreamingPg;

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
