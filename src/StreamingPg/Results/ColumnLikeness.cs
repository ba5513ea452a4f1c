namespace StreamingPg;

/// <summary>How alike the values of a column are to those of a column of another table, by their distributions.</summary>
public sealed record ColumnLikeness
{
    /// <summary>The table; empty in the last result, which sums all up.</summary>
    public required string Table { get; init; }

    /// <summary>The column, or the columns of a foreign key with commas between them; empty in the last result.</summary>
    public required string Column { get; init; }

    /// <summary>The table that it is compared with, as <c>schema.table</c>; the schema alone in the last result of several tables.</summary>
    public required string Against { get; init; }

    /// <summary>What is compared.</summary>
    public required LikenessMeasure Measure { get; init; }

    /// <summary>
    /// The distance of the two distributions, from 0 (the same) to 1 (nothing in common). Of categories, it is the total variation
    /// distance: half the sum of the differences of the shares (Levin, Peres: Markov Chains and Mixing Times, 2nd edition, 2017, section 4.1). Of
    /// quantiles, lengths and children, it is the two-sample Kolmogorov-Smirnov statistic: the greatest difference of the shares of
    /// values up to any value (Massey: The Kolmogorov-Smirnov Test for Goodness of Fit, Journal of the American Statistical
    /// Association 46, 1951). Null if there is nothing to compare but NULLs.
    /// </summary>
    public double? Distance { get; init; }

    /// <summary>Share of NULLs in the column, 0 to 1.</summary>
    public double Nulls { get; init; }

    /// <summary>Share of NULLs in the column that it is compared with, 0 to 1.</summary>
    public double AgainstNulls { get; init; }

    /// <summary>Rows that were read of the table, or parents of a foreign key.</summary>
    public long Rows { get; init; }

    /// <summary>Rows that were read of the table that it is compared with, or parents of its foreign key.</summary>
    public long AgainstRows { get; init; }

    /// <summary>
    /// 1 minus the distance, or minus the difference of the shares of NULLs where that is greater; in the last result the average over
    /// all columns.
    /// </summary>
    public required double Likeness { get; init; }
}

/// <summary>What of a column is compared.</summary>
public enum LikenessMeasure
{
    /// <summary>How often each value comes.</summary>
    Categories,

    /// <summary>How numbers or times are spread.</summary>
    Quantiles,

    /// <summary>How long the values are as text; of bytes, how many they are. No value is compared.</summary>
    Lengths,

    /// <summary>How many children the parents of a foreign key have.</summary>
    Children,

    /// <summary>The share of NULLs alone.</summary>
    Nulls,

    /// <summary>The average of the other results.</summary>
    Overall,
}
