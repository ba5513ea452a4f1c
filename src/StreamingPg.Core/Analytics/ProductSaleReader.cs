using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Analytics;

/// <summary>Reads which products sold how well.</summary>
internal static class ProductSaleReader
{
    /// <summary>How many products when nothing else is asked.</summary>
    public const int DefaultTop = 20;

    /// <summary>The products of which most pieces were sold first. Since and until are about <c>created_at</c>.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">Its tables, with those of the built-in model among them.</param>
    /// <param name="top">Maximum number of results.</param>
    /// <param name="options">Which line items are counted, and how long that may take.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="StreamingException">The model is not a shop, or the server refused the query.</exception>
    public static async Task<IReadOnlyList<ProductSale>> ReadAsync(
        DatabaseConnection connection, StreamModel model, int top, AnalyticsOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ShopTables.Require(
            model, "product sales", (ShopTables.Details, ["user_id", "product_name", "quantity", "unit_price", "created_at"]));
        var range = new TimeRange(options.Since, options.Until);
        await using var session = await ReadOnlySession.BeginAsync(
            connection, options.StatementTimeout, "reading product sales", cancellationToken).ConfigureAwait(false);
        return await session.QueryAsync(
            Sql(connection), Read, cancellationToken, [.. range.Parameters, Parameter.Of(top)]).ConfigureAwait(false);
    }

    private static string Sql(DatabaseConnection connection) =>
        $"""
        SELECT product_name, sum(quantity)::text, avg(unit_price)::text, count(DISTINCT user_id), sum(quantity * unit_price)::text
        FROM {connection.Quote(ShopTables.Details)}
        WHERE {TimeRange.HoldsUtc("created_at")}
        GROUP BY product_name
        ORDER BY sum(quantity) DESC NULLS LAST, product_name
        LIMIT $3
        """;

    private static ProductSale Read(NpgsqlDataReader row)
    {
        var figures = new Figures(row);
        var sale = new ProductSale
        {
            ProductName = row.IsDBNull(0) ? null : row.GetString(0),
            TotalQuantity = (long?)figures.Read(1, nameof(ProductSale.TotalQuantity)),
            AveragePrice = figures.Read(2, nameof(ProductSale.AveragePrice)),
            UniqueCustomers = row.GetInt64(3),
            Revenue = figures.Read(4, nameof(ProductSale.Revenue)),
        };
        return sale with { Remark = figures.Remark };
    }
}
