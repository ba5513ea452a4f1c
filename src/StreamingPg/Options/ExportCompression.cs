namespace StreamingPg;

/// <summary>Compression of exported files.</summary>
public enum ExportCompression
{
    /// <summary>None.</summary>
    None,

    /// <summary>gzip (<c>.gz</c>).</summary>
    Gzip,

    /// <summary>Zstandard (<c>.zst</c>).</summary>
    Zstd,
}
