namespace StreamingPg;

/// <summary>How the rows of a child table are distributed over their parents.</summary>
public sealed record TableRelationship
{
    /// <summary>The child table.</summary>
    public required string Table { get; init; }

    /// <summary>Its foreign key columns.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>The parent table.</summary>
    public required string ParentTable { get; init; }

    /// <summary>The referenced columns, in the order of <see cref="Columns"/>.</summary>
    public required IReadOnlyList<string> ParentColumns { get; init; }

    /// <summary>The foreign key as text, such as <c>transactions.user_id -> users.user_id</c>.</summary>
    public string ForeignKey => $"{Name(Table, Columns)} -> {Name(ParentTable, ParentColumns)}";

    /// <summary>Rows of the parent table.</summary>
    public long Parents => ParentsWithChildren + ParentsWithoutChildren;

    /// <summary>Parents with children.</summary>
    public required long ParentsWithChildren { get; init; }

    /// <summary>Parents without children.</summary>
    public required long ParentsWithoutChildren { get; init; }

    /// <summary>Children with a parent.</summary>
    public required long Children { get; init; }

    /// <summary>Minimum number of children per parent; zero if a parent has none.</summary>
    public required long MinChildren { get; init; }

    /// <summary>Average number of children per parent, including parents without children; zero if there are no parents.</summary>
    public double AverageChildren => Parents > 0 ? (double)Children / Parents : 0;

    /// <summary>95th percentile of the number of children per parent.</summary>
    public required long P95Children { get; init; }

    /// <summary>Maximum number of children per parent.</summary>
    public required long MaxChildren { get; init; }

    private static string Name(string table, IReadOnlyList<string> columns) =>
        columns.Count == 1 ? $"{table}.{columns[0]}" : $"{table}.({string.Join(", ", columns)})";
}
