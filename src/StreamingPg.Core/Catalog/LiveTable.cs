namespace StreamingPg.Core.Catalog;

/// <summary>A table, or another relation of that name, in the database.</summary>
internal sealed record LiveTable
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is: <c>table</c> (a partitioned one as well), <c>view</c>, <c>sequence</c>, ...</summary>
    public required string Kind { get; init; }

    /// <summary>True when rows can be loaded into it and referred to.</summary>
    public bool IsTable => Kind == "table";

    /// <summary>True when a trigger runs for each row before it is added, and may fill columns.</summary>
    public bool HasInsertTrigger { get; init; }

    /// <summary>Columns in order.</summary>
    public required IReadOnlyList<LiveColumn> Columns { get; init; }

    /// <summary>Columns of the primary key in order; empty without one.</summary>
    public IReadOnlyList<string> PrimaryKey => Indexes.FirstOrDefault(index => index.IsPrimaryKey)?.Columns ?? [];

    /// <summary>Foreign keys by name.</summary>
    public required IReadOnlyList<LiveForeignKey> ForeignKeys { get; init; }

    /// <summary>Indexes by name.</summary>
    public required IReadOnlyList<LiveIndex> Indexes { get; init; }

    /// <summary>True when an index keeps any two rows from having the same values in these columns.</summary>
    public bool IsUnique(IReadOnlyCollection<string> columns) =>
        Indexes.Any(index => index.IsUnique && index.Columns.All(columns.Contains));
}
