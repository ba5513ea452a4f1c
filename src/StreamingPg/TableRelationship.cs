namespace StreamingPg;

/// <summary>How the rows of a table are spread over the rows of a parent that they refer to.</summary>
public sealed record TableRelationship
{
    /// <summary>The table that refers.</summary>
    public required string Table { get; init; }

    /// <summary>Its referring columns.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>The table that is referred to.</summary>
    public required string ParentTable { get; init; }

    /// <summary>The columns that are referred to, in the order of <see cref="Columns"/>.</summary>
    public required IReadOnlyList<string> ParentColumns { get; init; }

    /// <summary>The foreign key in words, such as <c>transactions.user_id -> users.user_id</c>.</summary>
    public string ForeignKey => $"{Name(Table, Columns)} -> {Name(ParentTable, ParentColumns)}";

    /// <summary>Rows of the parent table.</summary>
    public long Parents => ParentsWithChildren + ParentsWithoutChildren;

    /// <summary>Rows of the parent table that are referred to.</summary>
    public required long ParentsWithChildren { get; init; }

    /// <summary>Rows of the parent table that no row refers to.</summary>
    public required long ParentsWithoutChildren { get; init; }

    /// <summary>Rows that refer to a row of the parent table.</summary>
    public required long Children { get; init; }

    /// <summary>Fewest children of a parent: zero when there is a parent without.</summary>
    public required long MinChildren { get; init; }

    /// <summary>Children per parent on average, those without included; zero when there are no parents.</summary>
    public double AverageChildren => Parents > 0 ? (double)Children / Parents : 0;

    /// <summary>95 of 100 parents have so many children or fewer.</summary>
    public required long P95Children { get; init; }

    /// <summary>Most children of a parent.</summary>
    public required long MaxChildren { get; init; }

    private static string Name(string table, IReadOnlyList<string> columns) =>
        columns.Count == 1 ? $"{table}.{columns[0]}" : $"{table}.({string.Join(", ", columns)})";
}
