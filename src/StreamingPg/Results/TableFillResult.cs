namespace StreamingPg;

/// <summary>What became of one table when a database was filled.</summary>
public sealed record TableFillResult
{
    /// <summary>Schema of the table.</summary>
    public required string Schema { get; init; }

    /// <summary>Table name without schema.</summary>
    public required string Table { get; init; }

    /// <summary>What became of it.</summary>
    public required FillStatus Status { get; init; }

    /// <summary>Rows that were asked for.</summary>
    public required long Requested { get; init; }

    /// <summary>Rows that were made and committed.</summary>
    public required long Made { get; init; }

    /// <summary>Tables that it refers to.</summary>
    public IReadOnlyList<string> Parents { get; init; } = [];

    /// <summary>Why there are fewer rows than were asked for, and what was created for the table to take rows; null when there is nothing to say.</summary>
    public string? Reason { get; init; }

    /// <summary>What to do about it; null when there is nothing to do.</summary>
    public string? Fix { get; init; }

    /// <summary>How long the table took.</summary>
    public TimeSpan Duration { get; init; }
}

/// <summary>What became of a table when a database was filled.</summary>
public enum FillStatus
{
    /// <summary>It is to be filled; nothing was done.</summary>
    Planned,

    /// <summary>All rows that were asked for were made.</summary>
    Filled,

    /// <summary>Fewer rows were made than were asked for, as many as there can be.</summary>
    Partial,

    /// <summary>Nothing was tried: its rows cannot be made.</summary>
    LeftOut,

    /// <summary>No row was made: the server refused them all. Nothing of the table stays.</summary>
    Failed,
}

/// <summary>What happens when some tables cannot be filled.</summary>
public enum UnfillableAction
{
    /// <summary>They are left out and named, and the others are filled.</summary>
    Skip,

    /// <summary>Nothing is done, and all of them are named in one error.</summary>
    Stop,
}

/// <summary>What happens when the server refuses the rows of a table.</summary>
public enum TableErrorAction
{
    /// <summary>The table is named, and the others are filled.</summary>
    Continue,

    /// <summary>No further table is filled; those before it stay.</summary>
    Stop,
}
