namespace StreamingPg;

/// <summary>Sales of a product.</summary>
public sealed record ProductSale
{
    /// <summary>Name of the product; null for all line items without a product.</summary>
    public string? ProductName { get; init; }

    /// <summary>Units sold; null if no line item has a quantity.</summary>
    public long? TotalQuantity { get; init; }

    /// <summary>Average unit price over the line items, regardless of their quantity.</summary>
    public decimal? AveragePrice { get; init; }

    /// <summary>Number of users who bought it.</summary>
    public required long UniqueCustomers { get; init; }

    /// <summary>Sum of quantity times price.</summary>
    public decimal? Revenue { get; init; }

    /// <summary>Figures that cannot be shown as a number, such as <c>Revenue is NaN</c>; null if there are none.</summary>
    public string? Remark { get; init; }
}
