using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Relations;

namespace StreamingPg.Tests.Integration.Integrity;

/// <summary>What came about before its parent is found by the times that say when rows came about, and by no others.</summary>
[Collection(SharedPostgres.Name)]
public sealed class TimeOrderTests(PostgresFixture postgres)
{
    private const string Json =
        """
        { "customers": {"columns": { "id": {"type": "SERIAL", "primary_key": true}, "updated_at": {"type": "TIMESTAMPTZ"},
            "birth_date": {"type": "TIMESTAMP"}, "created_at": {"type": "TIMESTAMPTZ"} }},
          "pets": {"columns": { "id": {"type": "SERIAL", "primary_key": true}, "birth_date": {"type": "TIMESTAMP"},
            "owner": {"type": "INTEGER", "foreign_key": {"table": "customers", "column": "id"}} }},
          "orders": {"columns": { "id": {"type": "SERIAL", "primary_key": true}, "order_date": {"type": "TIMESTAMP"},
            "created_at": {"type": "TIMESTAMP"}, "due_date": {"type": "TIMESTAMP"},
            "customer": {"type": "INTEGER", "foreign_key": {"table": "customers", "column": "id"}} }},
          "lines": {"columns": { "id": {"type": "SERIAL", "primary_key": true}, "packed": {"type": "TIMESTAMPTZ"},
            "order": {"type": "INTEGER", "foreign_key": {"table": "orders", "column": "id"}} }} }
        """;

    [Fact]
    public async Task Birthdays_and_due_dates_are_not_compared_and_what_is_made_is_in_order()
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Json);
        for (var seed = 1; seed <= 5; seed++)
        {
            var rows = new Dictionary<string, long> { ["customers"] = 40, ["pets"] = 40, ["orders"] = 200, ["lines"] = 600 };
            await shop.LoadAsync(new BatchOptions { Rows = rows, Seed = seed, ExistingRatio = 0.3 });
        }

        await shop.AssertSoundAsync();
        Assert.Equal(
            ["TimeOrder lines.packed >= orders.created_at", "TimeOrder orders.created_at >= customers.created_at"],
            (await CheckAsync(shop)).Select(result => result.Check).Order());
        Assert.Equal(0, await shop.CountAsync("SELECT FROM {customers} WHERE updated_at < created_at"));
        Assert.Equal(0, await shop.CountAsync("SELECT FROM {orders} WHERE created_at < order_date"));
        Assert.Equal(0, await shop.CountAsync("SELECT FROM {customers} WHERE birth_date > '2007-01-02'"));
    }

    [Fact]
    public async Task A_row_from_before_its_parent_is_found()
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Json);
        await shop.Database.ExecuteAsync($"""
            INSERT INTO {shop.Connection.Quote("customers")} VALUES (1, now(), '1960-01-01', '2024-01-01 00:00+00');
            INSERT INTO {shop.Connection.Quote("orders")} VALUES (7, '2023-01-01', '2024-01-02', '2022-01-01', 1), (8, '2024-02-02', '2023-12-31 23:00', NULL, 1)
            """);

        var found = Assert.Single(await CheckAsync(shop), result => result.Status >= IntegrityStatus.Broken);

        Assert.Equal("TimeOrder orders.created_at >= customers.created_at", found.Check);
        Assert.Equal((1L, "8"), (found.Count, Assert.Single(found.SampleKeys)));
    }

    [Fact]
    public async Task Of_two_keys_to_one_parent_each_is_checked_and_named()
    {
        await using var bank = await RelationDatabase.CreateAsync(postgres, """
            { "accounts": {"columns": { "id": {"type": "INTEGER", "primary_key": true}, "created_at": {"type": "TIMESTAMP"}, "amount": {"type": "INTEGER"} }},
              "transfers": {"columns": { "id": {"type": "INTEGER", "primary_key": true}, "created_at": {"type": "TIMESTAMP"},
                "quantity": {"type": "INTEGER"}, "unit_price": {"type": "INTEGER"},
                "from_account": {"type": "INTEGER", "foreign_key": {"table": "accounts", "column": "id"}},
                "to_account": {"type": "INTEGER", "foreign_key": {"table": "accounts", "column": "id"}} }} }
            """);
        await bank.Database.ExecuteAsync($"""
            INSERT INTO {bank.Connection.Quote("accounts")} VALUES (1, '2020-01-01', 5), (2, '2024-01-01', 6);
            INSERT INTO {bank.Connection.Quote("transfers")} VALUES (7, '2022-01-01', 1, 5, 1, 2)
            """);

        var results = await IntegrityChecker.CheckAsync(bank.Connection, bank.Model, CancellationToken.None).ToListAsync();

        Assert.Equal(results.Count, results.DistinctBy(result => result.Check).Count());
        Assert.Contains(results, result => result is { Check: "TimeOrder transfers.created_at >= accounts.created_at by from_account", Count: 0 });
        Assert.Equal(
            [("Amount accounts.amount = sum of transfers by to_account", 1L), ("TimeOrder transfers.created_at >= accounts.created_at by to_account", 1L)],
            results.Where(result => result.Count > 0).Select(result => (result.Check, result.Count)).Order());
    }

    private static async Task<List<IntegrityResult>> CheckAsync(RelationDatabase shop)
    {
        var results = new List<IntegrityResult>();
        await foreach (var result in IntegrityChecker.CheckAsync(shop.Connection, shop.Model, CancellationToken.None))
        {
            if (result.Check.StartsWith("TimeOrder", StringComparison.Ordinal))
            {
                results.Add(result);
            }
        }

        return results;
    }
}
