namespace StreamingPg;

/// <summary>A row of the default table <c>transactions</c>.</summary>
public sealed record StreamingTransaction
{
    /// <summary>Primary key, a UUID of version 7 (RFC 9562) when generated.</summary>
    public Guid TransactionId { get; init; }

    /// <summary>The user of the transaction: <see cref="StreamingUser.UserId"/>.</summary>
    public Guid? UserId { get; init; }

    /// <summary>Sum of quantity times unit price over the line items generated with it.</summary>
    public decimal? Amount { get; init; }

    /// <summary>Time of the transaction in UTC, not before its user registered.</summary>
    public DateTime? TransactionDate { get; init; }

    /// <summary>One of a fixed set of statuses, chosen by weight.</summary>
    public string? Status { get; init; }
}
