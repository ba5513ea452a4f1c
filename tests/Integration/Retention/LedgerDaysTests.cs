using StreamingPg.Core.Growth;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Retention;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Retention;

/// <summary>What becomes of the ledger's old rows.</summary>
[Collection(SecondPostgres.Name)]
public sealed class LedgerDaysTests(PostgresFixture postgres)
{
    private static readonly RetentionOptions TenDays = new() { OlderThan = TimeSpan.FromDays(10) };

    [Fact]
    public async Task Old_rows_are_summed_up_by_day_and_nothing_that_is_read_from_them_changes()
    {
        await using var database = await CreateAsync();
        for (var batch = 0; batch < 30; batch++)
        {
            await BatchHelper.LoadAsync(database.Connection, batch % 10 == 0 ? BatchHelper.Of(50, 100, 300) with { ChunkSize = 200 } : BatchHelper.Small);
        }

        // Batch n was loaded n days ago, the last one today; a part of the batch of 20 days ago is missing.
        await database.ExecuteAsync("UPDATE streaming.batch_ledger SET committed_at = now() - (30 - batch_number) * interval '1 day'");
        await database.ExecuteAsync("DELETE FROM streaming.batch_ledger WHERE batch_number = 10 AND part = 1; UPDATE streaming.batch_ledger SET parts = 2 WHERE batch_number = 10");
        var before = await GrowthAsync(database);
        var sums = await SumsAsync(database);

        await RemovalHelper.RemoveAsync(database.Connection, TenDays);

        var after = await GrowthAsync(database);
        Assert.Equal(before.Select(table => (table.LastBatch, table.InPeriod)), after.Select(table => (table.LastBatch, table.InPeriod)));
        foreach (var (table, sum) in sums)
        {
            Assert.Equal(sum - (before.Single(size => size.Table == table).Rows - await database.CountAsync(table)), (await SumsAsync(database))[table]);
        }

        // 20 days are older than ten days, of which one has the batch that is not whole.
        Assert.Equal(19L, await database.ScalarAsync<long>("SELECT count(*) FROM streaming.batch_ledger WHERE kind = 'day'"));
        var listed = await LedgerReader.ReadAsync(database.Connection, new LedgerFilter(), CancellationToken.None);
        Assert.Equal([10L, .. Enumerable.Range(21, 10)], listed.Select(entry => entry.BatchNumber));
        Assert.Equal(LedgerStatus.Incomplete, listed[0].Status);
    }

    [Fact]
    public async Task Days_add_up_and_the_latest_batch_and_young_ones_stay()
    {
        await using var database = await CreateAsync();
        for (var batch = 0; batch < 6; batch++)
        {
            await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);
        }

        await database.ExecuteAsync("UPDATE streaming.batch_ledger SET committed_at = '2026-01-01 12:00Z' WHERE batch_number <= 2");
        await RemovalHelper.RemoveAsync(database.Connection, TenDays);
        await database.ExecuteAsync("UPDATE streaming.batch_ledger SET committed_at = '2026-01-01 13:00Z' WHERE kind IN ('batch', 'removal')");
        await RemovalHelper.RemoveAsync(database.Connection, TenDays);

        Assert.Equal("batch 1, day 1, removal-day 1", await database.ScalarAsync<string>(
            "SELECT string_agg(kind || ' ' || rows, ', ' ORDER BY kind) FROM (SELECT kind, count(*) AS rows FROM streaming.batch_ledger GROUP BY kind) AS kinds"));
        await BatchHelper.AssertSoundAsync(database.Connection);
        Assert.Equal(6, (await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small)).BatchNumber - 1);
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task Growth_is_told_by_the_ledger_as_if_nothing_had_been_removed()
    {
        await using var database = await CreateAsync();
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(100, 300, 500));
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);
        await RemovalHelper.RemoveAsync(database.Connection, TenDays);

        var growth = await GrowthAsync(database);

        Assert.Equal([10, 30, 100], growth.Select(table => table.LastBatch));
        Assert.Equal([110, 330, 600], growth.Select(table => table.InPeriod));
        foreach (var table in growth)
        {
            Assert.Equal(await database.CountAsync(table.Table), table.Rows);
            Assert.InRange(table.Rows, 0, table.InPeriod - 1);
        }
    }

    private static Task<IReadOnlyList<TableGrowth>> GrowthAsync(TestDatabase database) =>
        GrowthReader.ReadAsync(database.Connection, MetadataReader.Default, TimeSpan.FromDays(365), estimate: false, CancellationToken.None);

    /// <summary>Rows per table that are there by the ledger.</summary>
    private static async Task<Dictionary<string, long>> SumsAsync(TestDatabase database)
    {
        await using var open = await database.Connection.OpenAsync(CancellationToken.None);
        return await new LedgerGrowth(open, database.Connection.Quote(LedgerTable.Name), CancellationToken.None).OfAllAsync();
    }

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        return database;
    }
}
