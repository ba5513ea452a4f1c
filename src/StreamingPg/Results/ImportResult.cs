namespace StreamingPg;

/// <summary>What an import loaded into one table. <see cref="Read"/> is always <see cref="Rows"/> + <see cref="Skipped"/> + <see cref="Rejected"/>.</summary>
public sealed record ImportResult
{
    /// <summary>Id of the import in the ledger.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>Table name without schema.</summary>
    public required string Table { get; init; }

    /// <summary>Rows of the input.</summary>
    public required long Read { get; init; }

    /// <summary>Rows that the server confirmed: inserted and updated.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows that replaced the values of a row already in the table or earlier in the input.</summary>
    public long Updated { get; init; }

    /// <summary>Rows that were skipped because their key already existed, or because a trigger of the table dropped them.</summary>
    public long Skipped { get; init; }

    /// <summary>Rows in the reject file.</summary>
    public long Rejected { get; init; }

    /// <summary>New rows in the table.</summary>
    public long Inserted => Rows - Updated;

    /// <summary>Time of the whole import, for all tables.</summary>
    public required TimeSpan Duration { get; init; }
}
