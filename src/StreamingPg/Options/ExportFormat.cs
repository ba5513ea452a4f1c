namespace StreamingPg;

/// <summary>Format of exported rows.</summary>
public enum ExportFormat
{
    /// <summary>CSV (RFC 4180) with a header line; no value is an empty field, an empty text a quoted one.</summary>
    Csv,

    /// <summary>A JSON object per line.</summary>
    Jsonl,

    /// <summary>INSERT statements.</summary>
    Sql,

    /// <summary>The text format of PostgreSQL's COPY.</summary>
    Copy,

    /// <summary>Apache Parquet.</summary>
    Parquet,
}
