using Npgsql;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Report;

/// <summary>Reads the <see cref="ShopFigures"/>.</summary>
internal sealed class ShopFigureReader(DatabaseConnection connection, StreamModel model, ReportOptions options)
{
    /// <summary>Intervals of the amounts; six of them reach to the average, so that the last one has few.</summary>
    private const int AmountIntervals = 24;
    private const int MostStatuses = 12;

    // Neither NaN nor infinite.
    private const string IsNumber = "amount < 'Infinity' AND amount > '-Infinity'";

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
        var range = new TimeRange(options.Since, options.Until);
        var statuses = await session.QueryAsync(
            $"SELECT coalesce(status, ''), count(*) FROM {_transactions} WHERE {_inRange} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $3",
            row => (row.GetString(0), row.GetInt64(1)),
            cancellationToken,
            [.. range.Parameters, Parameter.Of(MostStatuses)]).ConfigureAwait(false);
        var average = (await session.QueryAsync(
            $"SELECT coalesce(avg(abs(amount)) FILTER (WHERE {IsNumber}), 0)::float8 FROM {_transactions} WHERE {_inRange}",
            row => row.GetDouble(0),
            cancellationToken,
            range.Parameters).ConfigureAwait(false))[0];
        var step = (decimal)Math.Min(Charts.Axis.NiceStep(Math.Max(average, 0.06) / 6), 1e15);
        var amounts = await CountAsync(
            session, AmountIntervals, $"CASE WHEN {IsNumber} THEN least(greatest(floor(amount / $3), 0), {AmountIntervals - 1})::int ELSE {AmountIntervals - 1} END", cancellationToken, Parameter.Of(step))
            .ConfigureAwait(false);
        var hours = await CountAsync(
            session, 24, "CASE WHEN isfinite(transaction_date) THEN extract(hour FROM transaction_date)::int END", cancellationToken).ConfigureAwait(false);
        return new ShopFigures(
            statuses,
            step,
            amounts,
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

    private async Task<long[]> CountAsync(
        ReadOnlySession session, int intervals, string interval, CancellationToken cancellationToken, params NpgsqlParameter[] more)
    {
        var counts = new long[intervals];
        var found = await session.QueryAsync(
            $"SELECT {interval}, count(*) FROM {_transactions} WHERE {_inRange} AND transaction_date IS NOT NULL AND amount IS NOT NULL GROUP BY 1",
            row => (Interval: row.IsDBNull(0) ? -1 : row.GetInt32(0), Count: row.GetInt64(1)),
            cancellationToken,
            [.. new TimeRange(options.Since, options.Until).Parameters, .. more]).ConfigureAwait(false);
        foreach (var (index, count) in found.Where(found => found.Interval >= 0))
        {
            counts[index] = count;
        }

        return counts;
    }
}

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
