using StreamingPg.Core.Analytics;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Integrity;

namespace StreamingPg.Tests.Integration.Analytics;

/// <summary>NaN, infinity and huge sums: every row is shown or named, and none hides the others.</summary>
[Collection(SharedPostgres.Name)]
public sealed class OddNumberTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Figures_that_are_no_number_are_named_and_all_others_shown()
    {
        await using var database = await CreateAsync();

        var users = await UserActivityReader.ReadAsync(
            database.Connection, Shop.Model, 100, UserActivityOrder.TotalAmount, new AnalyticsOptions(), default);
        var odd = Assert.Single(users, user => user.Remark is not null);
        Assert.Equal(("TotalAmount is NaN; AverageValue is NaN", null), (odd.Remark, odd.TotalAmount));
        Assert.Contains(users, user => user.TotalAmount > 0);

        var products = await ProductSaleReader.ReadAsync(database.Connection, Shop.Model, 100, new AnalyticsOptions(), default);
        Assert.Contains("Revenue is NaN", Assert.Single(products, product => product.Remark is not null).Remark, StringComparison.Ordinal);
        Assert.Contains(products, product => product.Revenue >= 199_999_800m);
    }

    [Fact]
    public async Task Every_command_that_reads_shows_its_results()
    {
        await using var database = await CreateAsync();
        var program = StreamingPgProgram.On(database.Settings());
        var report = Path.Combine(Path.GetTempPath(), $"streamingpg-{Guid.NewGuid():N}.html");
        try
        {
            Assert.Contains("TotalAmount is NaN", (await program.RunAsync("activity")).Expect(0).Output, StringComparison.Ordinal);
            Assert.Contains("Revenue is NaN", (await program.RunAsync("sales", "--top", "100")).Expect(0).Output, StringComparison.Ordinal);
            (await program.RunAsync("report", "--path", report)).Expect(0);
            Assert.Contains("warning", (await program.RunAsync("check")).Expect(0).Output, StringComparison.Ordinal);
            Assert.Contains("Connection", (await program.RunAsync("health", "--detailed")).Output, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(report);
        }
    }

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await StreamingPg.Core.Schema.SchemaInitializer.InitializeAsync(database.Connection, Shop.Model, planOnly: false, default);
        await StreamingPg.Core.Loading.Batches.BatchRunner.RunAsync(
            database.Connection, Shop.Model, Loading.LoadedShop.Options(10, 40, 100), progress: null, default);
        await database.ExecuteAsync("""
            UPDATE streaming.transactions SET amount = 'NaN', transaction_date = 'infinity'
            WHERE transaction_id = (SELECT transaction_id FROM streaming.transactions ORDER BY 1 LIMIT 1);
            UPDATE streaming.detailed_transactions SET unit_price = 'NaN', created_at = '-infinity', product_name = 'odd' WHERE id = 1;
            UPDATE streaming.detailed_transactions SET quantity = 20000, unit_price = 9999.99 WHERE id = 2
            """);
        return database;
    }
}
