namespace StreamingPg;

/// <summary>How a product sold.</summary>
public sealed record ProductSale
{
    /// <summary>Name of the product; null stands for all line items without one.</summary>
    public string? ProductName { get; init; }

    /// <summary>Pieces sold; null when no line item says how many.</summary>
    public long? TotalQuantity { get; init; }

    /// <summary>Average price of a piece over the line items, whatever their quantity.</summary>
    public decimal? AveragePrice { get; init; }

    /// <summary>Number of users who bought it.</summary>
    public required long UniqueCustomers { get; init; }

    /// <summary>Sum of quantity times price.</summary>
    public decimal? Revenue { get; init; }

    /// <summary>Figures that are no number that can be shown, such as <c>Revenue is NaN</c>; null if there are none.</summary>
    public string? Remark { get; init; }
}
