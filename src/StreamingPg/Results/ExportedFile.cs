namespace StreamingPg;

/// <summary>A file that Export-StreamingData wrote.</summary>
public sealed record ExportedFile
{
    /// <summary>The table; null for the script that loads the files.</summary>
    public string? Table { get; init; }

    /// <summary>Full path of the file.</summary>
    public required string Path { get; init; }

    /// <summary>Rows in the file.</summary>
    public required long Rows { get; init; }

    /// <summary>Size of the file in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Seed of the rows; null for rows of a database.</summary>
    public long? Seed { get; init; }
}
