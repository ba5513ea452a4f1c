using System.Runtime.CompilerServices;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Columns;

namespace StreamingPg.Core.Model;

/// <summary>A table: its columns in order, its primary key and what it refers to.</summary>
/// <remarks>A table is equal to itself only: it is looked up for every row that is imported.</remarks>
public sealed record TableModel
{
    private readonly IReadOnlyList<ColumnModel> _columns = [];

    /// <summary>Name as in metadata.</summary>
    public required string Name { get; init; }

    /// <summary>Free text; becomes the table's comment.</summary>
    public string? Description { get; init; }

    /// <summary>Columns in the order of metadata.</summary>
    public required IReadOnlyList<ColumnModel> Columns
    {
        get => _columns;
        init
        {
            _columns = value;
            SequenceColumn = value.FirstOrDefault(static column => column.IsAutoIncrement);
        }
    }

    /// <summary>Columns of the primary key, in order; at least one.</summary>
    public required IReadOnlyList<string> PrimaryKey { get; init; }

    /// <summary>Foreign keys in the order of their first column.</summary>
    public IReadOnlyList<ForeignKeyModel> ForeignKeys { get; init; } = [];

    /// <summary>Columns that are unique together, each list with one or more of them; single columns come first.</summary>
    public IReadOnlyList<IReadOnlyList<string>> UniqueKeys { get; init; } = [];

    /// <summary>Columns whose values are made different though they are no key.</summary>
    public IReadOnlyList<DistinctModel> Distinct { get; init; } = [];

    /// <summary>CHECK constraints.</summary>
    public IReadOnlyList<CheckModel> Checks { get; init; } = [];

    /// <summary>CHECK constraints, those of domains included, that what is made may break; while there are any, no row is made.</summary>
    public IReadOnlyList<UnreadCheck> UnreadChecks { get; init; } = [];

    /// <summary>Indexes beside those of keys.</summary>
    public IReadOnlyList<IndexModel> Indexes { get; init; } = [];

    /// <summary>Rows in a batch that does not say; null when metadata does not say either.</summary>
    public long? RowsPerBatch { get; init; }

    /// <summary>How many rows each new parent gets; null when the batch says how many there are.</summary>
    public ChildCountModel? PerParent { get; init; }

    /// <summary>How long rows are kept; null for ever.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>The column whose value the server's sequence gives, or null.</summary>
    public ColumnModel? SequenceColumn { get; private init; }

    /// <summary>The columns whose values we write, in the order of metadata: what is left to the server is left out.</summary>
    public IEnumerable<ColumnModel> WrittenColumns => Columns.Where(column => !column.IsLeftToServer);

    /// <summary>True when the table has a column of that name.</summary>
    public bool HasColumn(string name) => Columns.Any(column => column.Name == name);

    /// <summary>The column of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public ColumnModel Column(string name) =>
        Columns.FirstOrDefault(column => column.Name == name)
        ?? throw new ArgumentException($"Table \"{Name}\" has no column \"{name}\".", nameof(name));

    /// <summary>The first foreign key to a table, or null.</summary>
    public ForeignKeyModel? KeyTo(string parent) => ForeignKeys.FirstOrDefault(key => key.ParentTable == parent);

    /// <summary>True for the same object.</summary>
    public bool Equals(TableModel? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);
}
