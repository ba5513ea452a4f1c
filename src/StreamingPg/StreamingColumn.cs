namespace StreamingPg;

/// <summary>A column of metadata and where its values come from.</summary>
public sealed record StreamingColumn
{
    /// <summary>Table.</summary>
    public required string Table { get; init; }

    /// <summary>Column.</summary>
    public required string Column { get; init; }

    /// <summary>SQL type.</summary>
    public required string Type { get; init; }

    /// <summary>The generator, or the property of metadata that says where the values come from.</summary>
    public required string Generator { get; init; }

    /// <summary>Who chose the generator.</summary>
    public required GeneratorOrigin Origin { get; init; }

    /// <summary>Why it was chosen, a clause.</summary>
    public required string Reason { get; init; }
}
