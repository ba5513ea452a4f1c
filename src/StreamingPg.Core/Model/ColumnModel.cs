namespace StreamingPg.Core.Model;

/// <summary>A column of a table.</summary>
/// <param name="Name">Name as in metadata.</param>
/// <param name="Type">Type.</param>
/// <param name="IsPrimaryKey">True when it is (part of) the primary key.</param>
/// <param name="IsAutoIncrement">True when the server gives the value from a sequence.</param>
/// <param name="Description">Free text; becomes the column's comment.</param>
public sealed record ColumnModel(
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

    /// <summary>The least value, or the least length of text, as metadata spells it; null for no bound.</summary>
    public object? Minimum { get; init; }

    /// <summary>The greatest value, or the greatest length of text, as metadata spells it; null for no bound.</summary>
    public object? Maximum { get; init; }

    /// <summary>How the values lie between the bounds, or null.</summary>
    public DistributionModel? Distribution { get; init; }

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

    /// <summary>True when no value of the column may be copied into generated data; null when metadata does not say.</summary>
    public bool? IsSensitive { get; init; }
}
