namespace StreamingPg.Core.Filling;

/// <summary>How a database is filled.</summary>
internal sealed record FillOptions
{
    /// <summary>The tables to fill, to which their parents are added; empty for all.</summary>
    public IReadOnlyList<string> Tables { get; init; } = [];

    /// <summary>True for all schemas that have tables; else those that the connection names, separated by commas.</summary>
    public bool AllSchemas { get; init; }

    /// <summary>Rows of each table; null for a few: 10 of a table that refers to nothing, 3 for each of a parent's.</summary>
    public long? RowsPerTable { get; init; }

    /// <summary>Rows of single tables; the others get none where any are named and <see cref="RowsPerTable"/> is not.</summary>
    public IReadOnlyDictionary<string, long> Rows { get; init; } = new Dictionary<string, long>();

    /// <summary>Seed of the random values; null draws one.</summary>
    public long? Seed { get; init; }

    /// <summary>No generated time is after this one (UTC); null means now.</summary>
    public DateTime? ReferenceTime { get; init; }

    /// <summary>Locale of names, cities and products.</summary>
    public string Locale { get; init; } = "en";

    /// <summary>True to change nothing and tell what would be done.</summary>
    public bool PlanOnly { get; init; }

    /// <summary>What happens when some tables cannot be filled.</summary>
    public UnfillableAction OnUnfillable { get; init; }

    /// <summary>How long the rows of a table may take before fewer are tried, however few they are.</summary>
    public TimeSpan TimePerTable { get; init; } = TimeLimit.Default;

    /// <summary>What happens when the server refuses the rows of a table.</summary>
    public TableErrorAction OnTableError { get; init; }
}
