using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Analytics;

/// <summary>Reads who bought how much.</summary>
internal static class UserActivityReader
{
    /// <summary>How many users when nothing else is asked.</summary>
    public const int DefaultTop = 10;

    /// <summary>The busiest users first. Since and until are about <c>transaction_date</c>.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">Its tables, with those of the built-in model among them.</param>
    /// <param name="top">Maximum number of results.</param>
    /// <param name="order">What makes a user come first.</param>
    /// <param name="options">Which transactions are counted, and how long that may take.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="StreamingException">The model is not a shop, or the server refused the query.</exception>
    public static async Task<IReadOnlyList<UserActivity>> ReadAsync(
        DatabaseConnection connection,
        StreamModel model,
        int top,
        UserActivityOrder order,
        AnalyticsOptions options,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ShopTables.Require(
            model,
            "user activity",
            (ShopTables.Users, ["user_id", "name", "city"]),
            (ShopTables.Transactions, ["user_id", "amount", "transaction_date"]));
        var range = new TimeRange(options.Since, options.Until);
        await using var session = await ReadOnlySession.BeginAsync(
            connection, options.StatementTimeout, "reading user activity", cancellationToken).ConfigureAwait(false);
        return await session.QueryAsync(
            Sql(connection, order), Read, cancellationToken, [.. range.Parameters, Parameter.Of(top)]).ConfigureAwait(false);
    }

    // Transactions are added up before users are looked at, so that only one row per user is joined. An average of nothing
    // is nothing, so for that order users without transactions are left out, as in the original.
    private static string Sql(DatabaseConnection connection, UserActivityOrder order) =>
        $"""
        SELECT u.user_id, u.name, u.city, coalesce(t.count, 0), t.total::text, t.average::text
        FROM {connection.Quote(ShopTables.Users)} AS u
        {(order == UserActivityOrder.AverageValue ? "" : "LEFT")} JOIN (
            SELECT user_id, count(*), sum(amount) AS total, avg(amount) AS average
            FROM {connection.Quote(ShopTables.Transactions)}
            WHERE {TimeRange.HoldsUtc("transaction_date")}
            GROUP BY user_id) AS t ON t.user_id = u.user_id
        ORDER BY {Column(order)} DESC NULLS LAST, u.user_id
        LIMIT $3
        """;

    private static string Column(UserActivityOrder order) => order switch
    {
        UserActivityOrder.TransactionCount => "coalesce(t.count, 0)",
        UserActivityOrder.TotalAmount => "t.total",
        UserActivityOrder.AverageValue => "t.average",
        _ => throw new ArgumentOutOfRangeException(nameof(order), order, "Not an order."),
    };

    private static UserActivity Read(NpgsqlDataReader row)
    {
        var figures = new Figures(row);
        var activity = new UserActivity
        {
            UserId = row.GetGuid(0),
            Name = row.IsDBNull(1) ? null : row.GetString(1),
            City = row.IsDBNull(2) ? null : row.GetString(2),
            TransactionCount = row.GetInt64(3),
            TotalAmount = figures.Read(4, nameof(UserActivity.TotalAmount)),
            AverageValue = figures.Read(5, nameof(UserActivity.AverageValue)),
        };
        return activity with { Remark = figures.Remark };
    }
}
