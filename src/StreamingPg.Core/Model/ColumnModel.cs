namespace StreamingPg.Core.Model;

/// <summary>A column of a table.</summary>
/// <param name="Name">Name as in metadata.</param>
/// <param name="Type">Type.</param>
/// <param name="IsPrimaryKey">True when it is (part of) the primary key.</param>
/// <param name="IsAutoIncrement">True when the server gives the value from a sequence.</param>
/// <param name="Description">Free text; becomes the column's comment.</param>
internal sealed record ColumnModel(
    string Name,
    ColumnType Type,
    bool IsPrimaryKey = false,
    bool IsAutoIncrement = false,
    string? Description = null)
{
    /// <summary>False for NOT NULL, true when NULL is allowed; null when metadata does not say: then none are made.</summary>
    public bool? IsNullable { get; init; }

    /// <summary>How an identity column takes values; null when it is none.</summary>
    public IdentityKind? Identity { get; init; }

    /// <summary>SQL expression that the server computes the column from; null for a column that takes values.</summary>
    public string? Expression { get; init; }

    /// <summary>SQL of the column's default, or null.</summary>
    public string? DefaultSql { get; init; }

    /// <summary>True when we never write the column: the server computes it, or gives its default.</summary>
    public bool IsLeftToServer => Expression is not null || Generator?.Kind == GeneratorModel.ServerDefault;

    /// <summary>Share of NULLs that are made, 0 to 1.</summary>
    public double NullRatio { get; init; }

    /// <summary>True when no two rows may have the same value.</summary>
    public bool IsUnique { get; init; }

    /// <summary>The generator that metadata names, or null.</summary>
    public GeneratorModel? Generator { get; init; }

    /// <summary>An array's elements as if they were a column, where domains say what they may be; else null.</summary>
    public ColumnModel? Element { get; init; }

    /// <summary>The only values that the column may have, or null.</summary>
    public IReadOnlyList<WeightedValue>? Values { get; init; }

    /// <summary>True when the values are those that a CHECK lists: which ones there may be, and not how often each comes.</summary>
    public bool IsListedByCheck { get; init; }

    /// <summary>What the values are drawn with: columns with the same one have the values of the same place in their lists; null for the column alone.</summary>
    public string? DrawnWith { get; init; }

    /// <summary>Values to try among others, where a CHECK is not understood; none otherwise.</summary>
    public IReadOnlyList<object> Tried { get; init; } = [];

    /// <summary>The least value, or the least length of text, as metadata spells it; null for no bound.</summary>
    public object? Minimum { get; init; }

    /// <summary>The greatest value, or the greatest length of text, as metadata spells it; null for no bound.</summary>
    public object? Maximum { get; init; }

    /// <summary>
    /// True when the bounds are those of CHECKs alone: they limit what a generator makes, and do not say how the values lie between them.
    /// </summary>
    public bool IsBoundByChecks { get; init; }

    /// <summary>How the values lie between the bounds, or null.</summary>
    public DistributionModel? Distribution { get; init; }

    /// <summary>The regular expression of a CHECK from which <see cref="Pattern"/> comes, where it is all that is demanded of the texts; else null.</summary>
    public string? CheckedBy { get; init; }

    /// <summary>Regular expression that the values are made from, or null.</summary>
    public string? Pattern { get; init; }

    /// <summary>The time that the column's time follows, or null.</summary>
    public AfterModel? After { get; init; }

    /// <summary>The column of a parent whose value the column has, or null.</summary>
    public ColumnReference? EqualsParent { get; init; }

    /// <summary>What the column sums up, or null.</summary>
    public SumModel? SumOf { get; init; }

    /// <summary>Locale of the column's names and words; null for that of the batch.</summary>
    public string? Locale { get; init; }

    /// <summary>What makes the values out of others, or null.</summary>
    public ColumnRule? Rule { get; init; }

    /// <summary>Other sources of the values under conditions, the first that is true; none otherwise.</summary>
    public IReadOnlyList<WhenModel> When { get; init; } = [];

    /// <summary>True when metadata says by a rule or under conditions what the values are.</summary>
    public bool HasRule => Rule is not null || When.Count > 0;

    /// <summary>True when no value of the column may be copied into generated data; null when metadata does not say.</summary>
    public bool? IsSensitive { get; init; }
}

/// <summary>A column of another table.</summary>
/// <param name="Table">The table.</param>
/// <param name="Column">The column.</param>
internal sealed record ColumnReference(string Table, string Column)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Table}.{Column}";
}

/// <summary>A named generator of a column, as metadata asks for it.</summary>
/// <param name="Kind">Its name, such as <c>person.full_name</c>.</param>
/// <param name="Arguments">Its arguments: text, decimal, double or bool.</param>
internal sealed record GeneratorModel(string Kind, IReadOnlyDictionary<string, object> Arguments)
{
    /// <summary>The kind that leaves a column to the default that the server has for it.</summary>
    public const string ServerDefault = "default";
}

/// <summary>A value that a column may have, and how often.</summary>
/// <param name="Value">The value: text, decimal, double or bool.</param>
/// <param name="Weight">Its weight among the others; 0 and up.</param>
internal sealed record WeightedValue(object Value, double Weight);

/// <summary>Whether an identity column takes values from outside.</summary>
internal enum IdentityKind
{
    /// <summary>GENERATED BY DEFAULT: takes any value.</summary>
    ByDefault,

    /// <summary>GENERATED ALWAYS: an INSERT must say OVERRIDING SYSTEM VALUE.</summary>
    Always,
}

/// <summary>A time that comes at or after another one.</summary>
/// <param name="Table">The parent table whose time it follows; null for a column of the same row.</param>
/// <param name="Column">The column whose time it follows.</param>
/// <param name="Within">How long after it at most; null for no limit but the reference time.</param>
internal sealed record AfterModel(string? Table, string Column, TimeSpan? Within)
{
    /// <summary>True when the two times must differ, as a CHECK may ask.</summary>
    public bool IsStrict { get; init; }

    /// <summary>True when the names of the columns suggest it, and not the metadata.</summary>
    public bool IsInferred { get; init; }
}

/// <summary>The sum, over the child rows of a row, of the product of some of their columns.</summary>
/// <param name="Table">The child table.</param>
/// <param name="Columns">Its columns whose product is summed up.</param>
internal sealed record SumModel(string Table, IReadOnlyList<string> Columns)
{
    /// <summary>True when a row without children gets what one child would give, and not 0.</summary>
    public bool IsOfOneIfNone { get; init; }

    /// <summary>True when the names of the columns suggest it, and not the metadata.</summary>
    public bool IsInferred { get; init; }
}
