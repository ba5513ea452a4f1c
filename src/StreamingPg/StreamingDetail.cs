namespace StreamingPg;

/// <summary>A row of the default table <c>detailed_transactions</c>: one line item.</summary>
public sealed record StreamingDetail
{
    /// <summary>Primary key; null lets the column's sequence give it on import.</summary>
    public int? Id { get; init; }

    /// <summary>The transaction this line belongs to: <see cref="StreamingTransaction.TransactionId"/>.</summary>
    public Guid? TransactionId { get; init; }

    /// <summary>The transaction's user, repeated for analytics.</summary>
    public Guid? UserId { get; init; }

    /// <summary>Product; it has one list price.</summary>
    public string? ProductName { get; init; }

    /// <summary>Number of pieces, at least 1 when generated.</summary>
    public int? Quantity { get; init; }

    /// <summary>Price of one piece.</summary>
    public decimal? UnitPrice { get; init; }

    /// <summary>Time of the line in UTC, not before its transaction.</summary>
    public DateTime? CreatedAt { get; init; }
}
