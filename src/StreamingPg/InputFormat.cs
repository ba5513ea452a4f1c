namespace StreamingPg;

/// <summary>How the rows of a file are written.</summary>
public enum InputFormat
{
    /// <summary>JSON: an object a line, objects over several lines, or one array of objects; their properties are the columns.</summary>
    Json,

    /// <summary>CSV with a header line.</summary>
    Csv,

    /// <summary>The file of an earlier import's rejects, corrected; it names the tables.</summary>
    Rejects,
}
