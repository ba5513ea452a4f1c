namespace StreamingPg;

/// <summary>A row of the default table <c>detailed_transactions</c>: one line item.</summary>
public sealed record StreamingDetail
{
    /// <summary>Primary key; if null, the column's sequence generates it on import.</summary>
    public int? Id { get; init; }

    /// <summary>The transaction of this line item: <see cref="StreamingTransaction.TransactionId"/>.</summary>
    public Guid? TransactionId { get; init; }

    /// <summary>The transaction's user, copied for analytics.</summary>
    public Guid? UserId { get; init; }

    /// <summary>Product; it has one list price.</summary>
    public string? ProductName { get; init; }

    /// <summary>Number of units, at least 1 when generated.</summary>
    public int? Quantity { get; init; }

    /// <summary>Price per unit.</summary>
    public decimal? UnitPrice { get; init; }

    /// <summary>Time of the line item in UTC, not before its transaction.</summary>
    public DateTime? CreatedAt { get; init; }
}
