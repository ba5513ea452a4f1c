namespace StreamingPg.Core.Catalog;

/// <summary>A relation of a live schema that may hold rows, with all that belongs to it.</summary>
internal sealed record DiscoveredTable(string Name, string Kind, string? Comment)
{
    /// <summary>False when the role may not read it.</summary>
    public bool CanSelect { get; init; }

    /// <summary>False when the role may not add rows to it.</summary>
    public bool CanInsert { get; init; }

    /// <summary>True when a trigger may fill columns before a row is added.</summary>
    public bool HasInsertTrigger { get; init; }

    public List<DiscoveredColumn> Columns { get; } = [];

    public List<DiscoveredForeignKey> ForeignKeys { get; } = [];

    public List<DiscoveredIndex> Indexes { get; } = [];

    public List<DiscoveredCheck> Checks { get; } = [];

    public List<DiscoveredPartition> Partitions { get; } = [];

    public IReadOnlyList<string> PrimaryKey => Indexes.Find(index => index.IsPrimaryKey)?.Columns ?? [];

    /// <summary>Unique keys over all rows, the primary key left out.</summary>
    public IEnumerable<DiscoveredIndex> UniqueKeys => Indexes.Where(index => index is { IsUnique: true, IsPrimaryKey: false, IsPlain: true });

    public DiscoveredColumn? Find(string column) => Columns.Find(candidate => candidate.Name == column);
}
