namespace StreamingPg;

/// <summary>What an import loaded into one table.</summary>
public sealed record ImportResult
{
    /// <summary>Key of the import in the ledger.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>Table name without schema.</summary>
    public required string Table { get; init; }

    /// <summary>Rows that the server confirmed.</summary>
    public required long Rows { get; init; }

    /// <summary>Time of the whole import, all tables together.</summary>
    public required TimeSpan Duration { get; init; }
}
