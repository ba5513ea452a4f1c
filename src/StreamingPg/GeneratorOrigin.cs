namespace StreamingPg;

/// <summary>Where the generator of a column comes from.</summary>
public enum GeneratorOrigin
{
    /// <summary>Metadata names it.</summary>
    Declared,

    /// <summary>The column's name and type suggest it.</summary>
    Inferred,

    /// <summary>It makes the values of the primary key.</summary>
    Key,

    /// <summary>A parent row has the value.</summary>
    Parent,

    /// <summary>The server gives the value.</summary>
    Server,
}
