namespace StreamingPg.Core.Report;

/// <summary>What is shown of a shop only.</summary>
/// <param name="Statuses">Transactions by status, most first.</param>
/// <param name="AmountStep">Width of an interval of <paramref name="Amounts"/>.</param>
/// <param name="Amounts">Transactions by amount: intervals from zero on, the last one open.</param>
/// <param name="Hours">Transactions by hour of day (UTC), 24 numbers.</param>
/// <param name="Users">The busiest users.</param>
/// <param name="Products">The products of which most pieces were sold.</param>
internal sealed record ShopFigures(
    IReadOnlyList<(string Status, long Count)> Statuses,
    decimal AmountStep,
    IReadOnlyList<long> Amounts,
    IReadOnlyList<long> Hours,
    IReadOnlyList<UserActivity> Users,
    IReadOnlyList<ProductSale> Products);
