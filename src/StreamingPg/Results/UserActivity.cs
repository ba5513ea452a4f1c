namespace StreamingPg;

/// <summary>The activity of a user.</summary>
public sealed record UserActivity
{
    /// <summary>Key of the user.</summary>
    public required Guid UserId { get; init; }

    /// <summary>Name of the user.</summary>
    public string? Name { get; init; }

    /// <summary>City of the user.</summary>
    public string? City { get; init; }

    /// <summary>Number of transactions.</summary>
    public required long TransactionCount { get; init; }

    /// <summary>Sum of their amounts; null if there is none.</summary>
    public decimal? TotalAmount { get; init; }

    /// <summary>Average amount of a transaction; null if there is none.</summary>
    public decimal? AverageValue { get; init; }

    /// <summary>Figures that cannot be shown as a number, such as <c>TotalAmount is NaN</c>; null if there are none.</summary>
    public string? Remark { get; init; }
}

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
