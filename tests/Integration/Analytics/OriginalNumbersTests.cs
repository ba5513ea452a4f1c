using System.Globalization;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Metadata;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Loading;
using StreamingPg.Tests.Integration.OriginalDocument;

namespace StreamingPg.Tests.Integration.Analytics;

/// <summary>The analytics give the numbers of the original document's own SQL, run through psql on the same rows.</summary>
[Collection(SharedPostgres.Name)]
public sealed class OriginalNumbersTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Relationships()
    {
        await using var shop = await CreateAsync();
        var expected = await Psql.QueryAsync(shop.Database, Statement("'Users with Transactions'"));

        var relationships = await RelationshipReader.ReadAsync(shop.Connection, MetadataReader.Default, new AnalyticsOptions(), CancellationToken.None);

        Assert.Equal(
            expected,
            [
                ["Users with Transactions", Text(relationships.Single(one => one.Table == "transactions").ParentsWithChildren)],
                ["Transactions with Details", Text(relationships.Single(one => one is { Table: "detailed_transactions", ParentTable: "transactions" }).ParentsWithChildren)],
            ]);
    }

    [Fact]
    public async Task Data_distribution()
    {
        await using var shop = await CreateAsync();
        var statement = Statement("total_amount");
        var first = await Psql.QueryAsync(shop.Database, statement);
        var all = await Psql.QueryAsync(shop.Database, statement.Replace("LIMIT 10", "", StringComparison.Ordinal));

        var top = await ReadUsersAsync(shop, 10, UserActivityOrder.TransactionCount);
        var users = await ReadUsersAsync(shop, int.MaxValue, UserActivityOrder.TransactionCount);

        // Which of two users with as many transactions comes first, the original leaves open.
        Assert.Equal(first.Select(row => row[1]), top.Select(user => Text(user.TransactionCount)));
        Assert.Equal(Sorted(all), Sorted(users.Select(user => new[] { user.Name ?? "", Text(user.TransactionCount), Text(user.TotalAmount) })));
        Assert.Contains(users, user => user is { TransactionCount: 0, TotalAmount: null, AverageValue: null });
    }

    [Fact]
    public async Task Average_transaction_value_by_user()
    {
        await using var shop = await CreateAsync();
        var expected = await Psql.QueryAsync(shop.Database, Statement("avg_transaction_value"));

        var users = await ReadUsersAsync(shop, int.MaxValue, UserActivityOrder.AverageValue);

        Assert.Equal(expected.Select(row => row[2]), users.Select(user => Text(user.AverageValue)));
        Assert.Equal(
            Sorted(expected),
            Sorted(users.Select(user => new[] { user.Name ?? "", user.City ?? "", Text(user.AverageValue), Text(user.TransactionCount) })));
    }

    [Fact]
    public async Task Product_sales()
    {
        await using var shop = await CreateAsync();
        var expected = await Psql.QueryAsync(shop.Database, Statement("total_quantity"));

        var products = await ProductSaleReader.ReadAsync(
            shop.Connection, MetadataReader.Default, int.MaxValue, new AnalyticsOptions(), CancellationToken.None);

        Assert.Equal(expected.Select(row => row[1]), products.Select(product => Text(product.TotalQuantity)));
        Assert.Equal(
            Sorted(expected),
            Sorted(products.Select(product => new[]
            {
                product.ProductName ?? "", Text(product.TotalQuantity), Text(product.AveragePrice), Text(product.UniqueCustomers),
            })));
        Assert.Equal(
            await shop.Database.ScalarAsync<decimal>("SELECT sum(quantity * unit_price) FROM streaming.detailed_transactions"),
            products.Sum(product => product.Revenue));
    }

    /// <summary>Three batches, and rows that only a person would write: users without transactions, or without a name.</summary>
    private async Task<LoadedShop> CreateAsync()
    {
        var shop = await LoadedShop.CreateAsync(postgres);
        for (var batch = 0; batch < 3; batch++)
        {
            await shop.LoadAsync(40, 300, 900);
        }

        await shop.Database.ExecuteAsync("""
            INSERT INTO streaming.users (user_id, name) VALUES (gen_random_uuid(), 'No | body'), (gen_random_uuid(), NULL);
            INSERT INTO streaming.transactions (transaction_id, user_id, amount, transaction_date)
            SELECT gen_random_uuid(), user_id, 0.01, now() FROM streaming.users WHERE name IS NULL;
            INSERT INTO streaming.detailed_transactions (transaction_id, user_id, product_name, quantity, unit_price)
            SELECT transaction_id, user_id, NULL, 1, 0.01 FROM streaming.transactions WHERE amount = 0.01
            """);
        return shop;
    }

    private static string Statement(string part) =>
        DocumentStatements.Queries.Single(query => query.Contains(part, StringComparison.Ordinal));

    private static Task<IReadOnlyList<UserActivity>> ReadUsersAsync(LoadedShop shop, int top, UserActivityOrder order) =>
        UserActivityReader.ReadAsync(shop.Connection, MetadataReader.Default, top, order, new AnalyticsOptions(), CancellationToken.None);

    private static IEnumerable<string> Sorted(IEnumerable<string[]> rows) =>
        rows.Select(row => string.Join(" | ", row)).Order(StringComparer.Ordinal);

    private static string Text(decimal? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
