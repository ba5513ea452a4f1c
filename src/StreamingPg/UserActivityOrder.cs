namespace StreamingPg;

/// <summary>Sort order of users, largest first.</summary>
public enum UserActivityOrder
{
    /// <summary>Number of transactions.</summary>
    TransactionCount,

    /// <summary>Sum of the amounts.</summary>
    TotalAmount,

    /// <summary>Average amount; users without transactions are left out.</summary>
    AverageValue,
}
