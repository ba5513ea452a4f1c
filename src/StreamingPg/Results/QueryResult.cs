namespace StreamingPg;

/// <summary>The end of a statement that returned no rows.</summary>
public sealed record QueryResult
{
    /// <summary>Number of rows that it changed; null if it changes none, such as CREATE TABLE.</summary>
    public required long? RowsAffected { get; init; }
}
