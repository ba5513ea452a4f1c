namespace StreamingPg;

/// <summary>What makes a user come first.</summary>
public enum UserActivityOrder
{
    /// <summary>Many transactions.</summary>
    TransactionCount,

    /// <summary>A large sum of amounts.</summary>
    TotalAmount,

    /// <summary>A large average amount; users without transactions have none and are left out.</summary>
    AverageValue,
}
