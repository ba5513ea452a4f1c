using System.Runtime.CompilerServices;

namespace StreamingPg.Core.Model;

/// <summary>A table: its columns in order, its primary key and what it refers to.</summary>
/// <remarks>A table is equal to itself only: it is looked up for every row that is imported.</remarks>
internal sealed record TableModel
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

    /// <summary>Columns of the primary key, in order; none of a table that has no key.</summary>
    public required IReadOnlyList<string> PrimaryKey { get; init; }

    /// <summary>Foreign keys in the order of their first column.</summary>
    public IReadOnlyList<ForeignKeyModel> ForeignKeys { get; init; } = [];

    /// <summary>Foreign keys to tables of other schemas.</summary>
    public IReadOnlyList<OutsideKeyModel> OutsideKeys { get; init; } = [];

    /// <summary>Columns that are unique together, each list with one or more of them; single columns come first.</summary>
    public IReadOnlyList<IReadOnlyList<string>> UniqueKeys { get; init; } = [];

    /// <summary>Columns whose values are made different though they are no key.</summary>
    public IReadOnlyList<DistinctModel> Distinct { get; init; } = [];

    /// <summary>CHECK constraints.</summary>
    public IReadOnlyList<CheckModel> Checks { get; init; } = [];

    /// <summary>CHECK constraints, those of domains included, that what is made may break; while there are any, no row is made.</summary>
    public IReadOnlyList<UnreadCheck> UnreadChecks { get; init; } = [];

    /// <summary>True for rows of which the server is to say which may stay: nothing is promised of their keys.</summary>
    public bool IsSieved { get; init; }

    /// <summary>True when nobody wrote its metadata: what the name of a column suggests gives way where it does not fit.</summary>
    public bool IsAsFound { get; init; }

    /// <summary>True when its rows need not agree with their parents about a common ancestor, because too few could.</summary>
    public bool MayDisagree { get; init; }

    /// <summary>Indexes beside those of keys.</summary>
    public IReadOnlyList<IndexModel> Indexes { get; init; } = [];

    /// <summary>Columns by which metadata of other tools partitions the table, which is not done; none otherwise.</summary>
    public IReadOnlyList<string> Partitions { get; init; } = [];

    /// <summary>How it is stored.</summary>
    public TableLayout Layout { get; init; } = TableLayout.Plain;

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

    /// <summary>The table with a column instead of the one of its name.</summary>
    public TableModel With(ColumnModel column) => this with { Columns = [.. Columns.Select(own => own.Name == column.Name ? column : own)] };

    /// <summary>True when the table has a column of that name.</summary>
    public bool HasColumn(string name) => Columns.Any(column => column.Name == name);

    /// <summary>The column of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public ColumnModel Column(string name) =>
        Columns.FirstOrDefault(column => column.Name == name)
        ?? throw new ArgumentException($"Table \"{Name}\" has no column \"{name}\".", nameof(name));

    /// <summary>Place of a column; -1 when the table has no such column.</summary>
    public int IndexOf(string column)
    {
        for (var index = 0; index < Columns.Count; index++)
        {
            if (Columns[index].Name == column)
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>The first foreign key to a table, or null.</summary>
    public ForeignKeyModel? KeyTo(string parent) => ForeignKeys.FirstOrDefault(key => key.ParentTable == parent);

    /// <summary>True for the same object.</summary>
    public bool Equals(TableModel? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);
}

/// <summary>An index of a table.</summary>
/// <param name="Columns">Its columns, in order.</param>
/// <param name="IsUnique">True when no two rows may have the same values in them.</param>
internal sealed record IndexModel(IReadOnlyList<string> Columns, bool IsUnique);

/// <summary>A CHECK constraint of a table.</summary>
/// <param name="Name">Name of the constraint; null lets one be made.</param>
/// <param name="Expression">SQL expression that every row must satisfy.</param>
internal sealed record CheckModel(string? Name, string Expression)
{
    /// <summary>True when metadata says that the columns are made to satisfy it, whatever we understand of it.</summary>
    public bool IsTrusted { get; init; }
}

/// <summary>A CHECK whose truth for the rows that are made cannot be promised.</summary>
/// <param name="Table">The table.</param>
/// <param name="Name">Name of the constraint, or of the domain.</param>
/// <param name="Expression">Its expression.</param>
/// <param name="Reason">Why not, a clause.</param>
/// <param name="IsDomain">True when it belongs to a domain.</param>
internal sealed record UnreadCheck(string Table, string? Name, string Expression, string Reason, bool IsDomain)
{
    /// <summary>The column whose domain it belongs to; null for a CHECK of the table.</summary>
    public string? Column { get; init; }

    /// <summary>The error that keeps rows from being made.</summary>
    public StreamingException ToError() => new(
        ErrorIds.CheckNotUnderstood,
        StreamingErrorKind.InvalidMetadata,
        $"Table \"{Table}\"{(Column is null ? "" : $", column \"{Column}\"")}: generated rows may violate {(IsDomain ? "the CHECK of domain" : "CHECK")}{(Name is null ? "" : $" \"{Name}\"")} ({Expression}): {Reason}.",
        IsDomain
            ? "Give the column values, min and max or a pattern that satisfy it, and remove the check from \"$types\" in the metadata."
            : "Give its columns a generator, values, min and max or a pattern that satisfy it, and add \"trusted\": true beside its expression in the metadata; or remove it there.",
        Table);
}

/// <summary>
/// Columns whose values are made different in all rows though no key asks for it: a unique index over a part of the rows does, or
/// one over <c>lower(...)</c> of a column.
/// </summary>
/// <param name="Columns">The columns, different together.</param>
/// <param name="Fold">The function, lower or upper, after which texts must still be different; null for none.</param>
internal sealed record DistinctModel(IReadOnlyList<string> Columns, string? Fold);

/// <summary>How many children each new parent gets.</summary>
/// <param name="Kind">How the number varies.</param>
/// <param name="Minimum">The least.</param>
/// <param name="Maximum">The most.</param>
internal sealed record ChildCountModel(ChildCountKind Kind, long Minimum, long Maximum)
{
    /// <summary>Mean of a distribution; null for a range.</summary>
    public double? Mean { get; init; }

    /// <summary>The parent table; null for the only one that there is.</summary>
    public string? Parent { get; init; }

    /// <summary>Numbers of children, ascending, and how often each of them comes; empty but for a list.</summary>
    public IReadOnlyList<(long Children, double Weight)> Counts { get; init; } = [];
}

/// <summary>How the number of children of a parent varies.</summary>
internal enum ChildCountKind
{
    /// <summary>Every number from the least to the most is as likely as another.</summary>
    Range,

    /// <summary>As events that come independently of each other.</summary>
    Poisson,

    /// <summary>Each further child as likely as the one before.</summary>
    Geometric,

    /// <summary>The numbers of a list, each as often as its weight says.</summary>
    List,
}
