using System.Globalization;
using StreamingPg.Core.Discovery;
using StreamingPg.Core.Filling;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Metadata;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Schemas;

/// <summary>
/// Whatever a schema has, a fill ends, keeps every constraint, and names each table that it could not fill. STREAMINGPG_RANDOM_SCHEMAS
/// runs more schemas than the suite does, STREAMINGPG_RANDOM_SEED begins with another one.
/// </summary>
[Collection(SharedPostgres.Name)]
public sealed class RandomSchemaTests(PostgresFixture postgres, ITestOutputHelper output)
{
    private const int Usual = 6;
    private const int SchemasPerDatabase = 100;

    // Percent of the tables; the others must say why they are empty.
    private const int LeastFilled = 97;

    [Fact]
    public async Task Any_schema_is_filled_or_says_why_not()
    {
        var (count, first) = (Number("STREAMINGPG_RANDOM_SCHEMAS", Usual), Number("STREAMINGPG_RANDOM_SEED", 1));
        var (tables, filled) = (0, 0);
        var faults = new List<string>();
        for (var seed = first; seed < first + count; seed += SchemasPerDatabase)
        {
            await using var database = await postgres.CreateDatabaseAsync("shop");
            for (var number = seed; number < Math.Min(seed + SchemasPerDatabase, first + count); number++)
            {
                var sql = RandomSchema.Of(number);
                await database.ExecuteAsync($"DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop; SET search_path = shop; {sql} RESET search_path");
                try
                {
                    var results = await FillTwiceAsync(database, number);
                    tables += results.Count;
                    filled += results.Count(table => table.Status is FillStatus.Filled or FillStatus.Partial);
                    results.Where(table => table.Status is not (FillStatus.Filled or FillStatus.Partial)).ToList()
                        .ForEach(table => output.WriteLine($"Seed {number}, {table.Table} is {table.Status}: {table.Reason}"));
                    await CheckAsync(database, results);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    faults.Add($"Seed {number}: {exception.Message}\n{sql}");
                }
            }
        }

        output.WriteLine($"{count} schemas, {tables} tables, {filled} filled, {faults.Count} faults.");
        Assert.True(faults.Count == 0, string.Join("\n\n", faults.Take(20)));
        Assert.True(filled * 100 >= tables * LeastFilled, $"{filled} of {tables} tables have rows.");
    }

    private static async Task<List<TableFillResult>> FillTwiceAsync(TestDatabase database, int seed)
    {
        var results = new List<TableFillResult>();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        for (var time = 0; time < 2; time++)
        {
            await foreach (var table in FillRunner.RunAsync(database.Connection, new FillOptions { Seed = seed + time, RowsPerTable = 20 }, limit.Token))
            {
                results.Add(table);
            }
        }

        return results;
    }

    private static async Task CheckAsync(TestDatabase database, List<TableFillResult> results)
    {
        foreach (var table in results.Where(table => table.Status != FillStatus.Filled))
        {
            Assert.False(string.IsNullOrEmpty(table.Reason) || string.IsNullOrEmpty(table.Fix), $"{table.Table} is {table.Status} without a reason or a fix: {table.Reason}");
            Assert.DoesNotContain("bug in StreamingPg", table.Fix, StringComparison.Ordinal);
        }

        Assert.All(results.Where(table => table.Status == FillStatus.Filled), table => Assert.Equal(table.Requested, table.Made));
        var found = await SchemaDiscovery.ReadAsync(database.Connection, new DiscoveryOptions { ForFilling = true }, CancellationToken.None);
        if (found.Tables.Count == 0)
        {
            return;
        }

        var model = MetadataReader.Parse(found.Json, "live");

        // That rows agree about a common parent is a default, the order of times is one too: the server's own constraints come first.
        await foreach (var check in IntegrityChecker.CheckAsync(database.Connection, model, CancellationToken.None))
        {
            Assert.True(check.Severity == IntegritySeverity.Warning || check.Status < IntegrityStatus.Broken, $"{check.Check}: {check.Detail}");
        }
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
