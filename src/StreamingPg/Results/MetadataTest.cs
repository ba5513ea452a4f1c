namespace StreamingPg;

/// <summary>The test of a metadata.json.</summary>
public sealed record MetadataTest
{
    /// <summary>The file; empty for a document that was given as text or as an object.</summary>
    public required string Path { get; init; }

    /// <summary>True if it can be used.</summary>
    public required bool Valid { get; init; }

    /// <summary>Number of tables.</summary>
    public int Tables { get; init; }

    /// <summary>Number of columns of all tables.</summary>
    public int Columns { get; init; }

    /// <summary>Number of foreign keys.</summary>
    public int ForeignKeys { get; init; }

    /// <summary>What is invalid, and where; empty if it is valid.</summary>
    public string Problem { get; init; } = "";
}
