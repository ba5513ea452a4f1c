namespace StreamingPg;

/// <summary>Format of a file of rows.</summary>
public enum InputFormat
{
    /// <summary>JSON: one object per line, indented objects, or one array of objects; their properties are the columns.</summary>
    Json,

    /// <summary>CSV with a header line.</summary>
    Csv,

    /// <summary>The corrected reject file of an earlier import, which names the tables.</summary>
    Rejects,
}
