namespace StreamingPg.Cli.Infrastructure;

/// <summary>How the rows of an import are written.</summary>
internal enum InputFormat
{
    /// <summary>One JSON object per line; its properties are the columns.</summary>
    Json,

    /// <summary>CSV with a header line.</summary>
    Csv,

    /// <summary>The file of an earlier import's rejects, mended.</summary>
    Rejects,
}
