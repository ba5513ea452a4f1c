using StreamingPg.Core.Analytics;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Report;

/// <summary>Reads the <see cref="ShopFigures"/>.</summary>
internal sealed class ShopFigureReader(DatabaseConnection connection, StreamModel model, ReportOptions options)
{
    private readonly string _transactions = connection.Quote(ShopTables.Transactions);
    private readonly string _inRange = TimeRange.HoldsUtc("transaction_date");

    /// <summary>Null when the model is no shop.</summary>
    public async Task<ShopFigures?> ReadAsync(CancellationToken cancellationToken)
    {
        if (!IsShop())
        {
            return null;
        }

        var analytics = options.Analytics;
        await using var session = await ReadOnlySession.BeginAsync(
            connection, options.StatementTimeout, "reading transactions", cancellationToken).ConfigureAwait(false);
        var hours = await CountHoursAsync(session, cancellationToken).ConfigureAwait(false);
        return new ShopFigures(
            hours,
            await UserActivityReader.ReadAsync(
                connection, model, options.Top, UserActivityOrder.TransactionCount, analytics, cancellationToken).ConfigureAwait(false),
            await ProductSaleReader.ReadAsync(connection, model, options.Top, analytics, cancellationToken).ConfigureAwait(false));
    }

    private bool IsShop() => ShopTables.Missing(
        model,
        (ShopTables.Users, ["user_id", "name", "city"]),
        (ShopTables.Transactions, ["user_id", "amount", "transaction_date", "status"]),
        (ShopTables.Details, ["user_id", "product_name", "quantity", "unit_price", "created_at"])) is null;

    private async Task<long[]> CountHoursAsync(ReadOnlySession session, CancellationToken cancellationToken)
    {
        var counts = new long[24];
        foreach (var (hour, count) in await session.QueryAsync(
            $"SELECT extract(hour FROM transaction_date)::int, count(*) FROM {_transactions} WHERE {_inRange} AND isfinite(transaction_date) GROUP BY 1",
            row => (row.GetInt32(0), row.GetInt64(1)),
            cancellationToken,
            new TimeRange(options.Since, options.Until).Parameters).ConfigureAwait(false))
        {
            counts[hour] = count;
        }

        return counts;
    }
}

/// <summary>What is shown of a shop only.</summary>
/// <param name="Hours">Transactions by hour of day (UTC), 24 numbers.</param>
/// <param name="Users">The busiest users.</param>
/// <param name="Products">The products of which most pieces were sold.</param>
internal sealed record ShopFigures(
    IReadOnlyList<long> Hours,
    IReadOnlyList<UserActivity> Users,
    IReadOnlyList<ProductSale> Products);
