using StreamingPg.Core.Analytics;
using StreamingPg.Core.Clearing;
using StreamingPg.Core.Discovery;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Growth;
using StreamingPg.Core.Health;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Records;
using StreamingPg.Core.Report;
using StreamingPg.Core.Retention;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Streaming;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Retention;

namespace StreamingPg.Tests.Integration.Layouts;

/// <summary>Every command on every layout: the table of docs/growth.md.</summary>
[Collection(SharedPostgres.Name)]
public sealed class EveryLayoutTests(PostgresFixture postgres)
{
    private static readonly StreamModel Model = MetadataReader.Default;
    private static readonly CancellationToken None = CancellationToken.None;

    public static TheoryData<Layout> Layouts { get; } = [.. LayoutDatabase.Layouts];

    [Fact]
    public void Layouts_of_Citus_are_among_them()
    {
        Assert.SkipUnless(LayoutDatabase.HasCitus, "No server with Citus is in STREAMINGPG_TEST_CONNECTION: no command was tested on distributed tables.");
        Assert.Equal(Enum.GetValues<Layout>(), LayoutDatabase.Layouts);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task Batches_and_streams_load_rows_that_check_and_growth_confirm(Layout layout)
    {
        await using var database = await LayoutDatabase.CreateAsync(postgres, layout);

        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(20, 60, 200));
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(300, 900, 2_800) with { ChunkSize = 1_500, Parallel = 2 });
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(0, 30, 70));
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(0, 0, 30));
        using (var maker = new RowMaker(Model, new GenerationOptions()))
        {
            Assert.Equal(30, (await maker.MakeForExistingAsync(database.Connection, Model.Table("detailed_transactions"), 30, None)).Count());
        }

        var stream = new StreamRunner(
            database.Connection, Model, new StreamOptions { Batch = BatchHelper.Small, MaxBatches = 3, BatchesPerSecond = 100 }, events: null, progress: null);
        Assert.Equal(3, (await stream.RunAsync(None).ToListAsync()).Count);

        await BatchHelper.AssertSoundAsync(database.Connection);
        var growth = await GrowthReader.ReadAsync(database.Connection, Model, TimeSpan.FromDays(1), estimate: false, None);
        Assert.Equal([350, 1_080, 3_400], growth.Select(table => table.Rows));
        Assert.All(growth, table => Assert.InRange(table.TableBytes, 8_192, 1L << 40));
        Assert.All(growth, table => Assert.InRange(table.IndexBytes, 8_192, 1L << 40));
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task Rows_are_imported_and_orphans_are_refused(Layout layout)
    {
        await using var database = await LayoutDatabase.CreateAsync(postgres, layout);
        var (user, transaction, time) = (Guid.NewGuid(), Guid.NewGuid(), new DateTime(2026, 6, 1, 12, 0, 0));
        object?[] line = [null, transaction, user, "Chair", 1, 9.99m, time];

        await ImportAsync(database, new ImportOptions(), ("detailed_transactions", line), ("transactions", [transaction, user, 9.99m, time, "new"]), ("users", [user, "A", "a@example.com", 30, "B", time]));
        await ImportAsync(database, new ImportOptions { OnConflict = ConflictAction.Skip }, ("transactions", [transaction, user, 9.99m, time, "new"]));
        var orphan = await Assert.ThrowsAsync<StreamingException>(() => ImportAsync(database, new ImportOptions(), ("detailed_transactions", [null, Guid.NewGuid(), user, "Chair", 1, 9.99m, time])));

        var another = Guid.NewGuid();
        await ImportAsync(database, new ImportOptions(), ("users", [another, "B", "b@example.com", 30, "B", time]));
        var twice = await Assert.ThrowsAsync<StreamingException>(() => ImportAsync(database, new ImportOptions(), ("transactions", [transaction, another, 9.99m, time, "new"])));

        Assert.Equal((2, 1, 1), (await database.CountAsync("users"), await database.CountAsync("transactions"), await database.CountAsync("detailed_transactions")));
        Assert.Equal((ErrorIds.ForeignKeyViolation, ErrorIds.UniqueViolation), (orphan.ErrorId, twice.ErrorId));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task Retention_removes_what_is_old_and_leaves_the_rest_whole(Layout layout)
    {
        await using var database = await LayoutDatabase.CreateAsync(postgres, layout);
        foreach (var month in new[] { 4, 5, 6 })
        {
            await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(20, 60, 200) with
            {
                ReferenceTime = new DateTime(2026, month, 28, 0, 0, 0, DateTimeKind.Utc), EventSpan = TimeSpan.FromDays(27), ExistingRatio = 0,
            });
        }

        var options = new RetentionOptions { Before = new DateTime(2026, 6, 1) };
        var planned = await RetentionRunner.CountAsync(database.Connection, Model, options, None);
        var removed = await RemovalHelper.RemoveAsync(database.Connection, options);

        Assert.Equal(removed.Values.Select(table => (table.Table, table.Removed)).Order(), planned.Select(table => (table.Table, table.Removed)).Order());
        Assert.False(await database.ScalarAsync<bool>("SELECT to_regclass('streaming.transactions_m202604') IS NOT NULL"));
        Assert.Equal((120, 400), (removed["transactions"].Removed, removed["detailed_transactions"].Removed));
        Assert.Equal((60, 200), (await database.CountAsync("transactions"), await database.CountAsync("detailed_transactions")));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task Analyses_report_and_health_read_all_rows(Layout layout)
    {
        await using var database = await LayoutDatabase.CreateAsync(postgres, layout);
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(30, 90, 300));
        using var folder = new TemporaryFolder();
        var options = new AnalyticsOptions();

        var events = await EventTimeReader.ReadAsync(database.Connection, Model, "transactions", EventTimeGrouping.Time, options, None);
        var products = await ProductSaleReader.ReadAsync(database.Connection, Model, 5, options, None);
        var activity = await UserActivityReader.ReadAsync(database.Connection, Model, 5, default, options, None);
        var relations = await RelationshipReader.ReadAsync(database.Connection, Model, options, None);
        var report = Path.Combine(folder.Path, "report.html");
        await ReportExporter.ExportAsync(database.Connection, Model, new ReportOptions(), report, overwrite: false, progress: null, None);
        var health = await HealthChecker.CheckAsync(database.Connection, Model, new HealthOptions(), None).ToListAsync();

        Assert.Equal(90, events.Sum(count => count.Events));
        Assert.Equal((5, 5), (products.Count, activity.Count));
        Assert.Equal(3, relations.Count);
        Assert.DoesNotContain("failed to run", await File.ReadAllTextAsync(report), StringComparison.Ordinal);
        Assert.DoesNotContain(health, result => result.Status == HealthStatus.Critical);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task Tables_are_described_updated_cleared_and_removed(Layout layout)
    {
        await using var database = await LayoutDatabase.CreateAsync(postgres, layout);
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);

        Assert.All(
            await SchemaInitializer.InitializeAsync(database.Connection, Model, planOnly: true, None), change => Assert.Equal(SchemaAction.Unchanged, change.Action));
        Assert.Empty(await SchemaUpdater.PlanAsync(database.Connection, Model, new SchemaUpdateOptions(), None));
        var discovered = MetadataReader.Parse((await SchemaDiscovery.ReadAsync(database.Connection, new DiscoveryOptions(), None)).Json);
        Assert.Equal(3, discovered.Tables.Count(table => Model.Find(table.Name) is not null));
        Assert.Equal(
            layout is Layout.Partitioned or Layout.DistributedAndPartitioned ? new PartitionModel("transaction_date", PartitionInterval.Month) : null, discovered.Table("transactions").Layout.Partition);
        Assert.Equal([100, 30, 10], (await TableClearer.ClearAsync(database.Connection, Model, planOnly: false, force: false, None)).Select(result => result.Removed));
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);
        await SchemaRemover.RemoveAsync(database.Connection, Model, planOnly: false, force: false, None);
        Assert.False(await database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'streaming')"));
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task An_orphan_that_somebody_else_left_is_found(Layout layout)
    {
        await using var database = await LayoutDatabase.CreateAsync(postgres, layout);
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);
        if (layout is not Layout.Partitioned)
        {
            await database.ExecuteAsync(
                layout is Layout.Plain
                    ? "ALTER TABLE streaming.detailed_transactions DROP CONSTRAINT detailed_transactions_transaction_id_fkey"
                    : "DO $$ DECLARE k text; BEGIN FOR k IN SELECT conname FROM pg_constraint WHERE conrelid = 'streaming.detailed_transactions'::regclass AND contype = 'f' AND confrelid = 'streaming.transactions'::regclass LOOP EXECUTE format('ALTER TABLE streaming.detailed_transactions DROP CONSTRAINT %I', k); END LOOP; END $$");
        }

        await database.ExecuteAsync("DELETE FROM streaming.transactions WHERE transaction_id = $1", await database.ScalarAsync<Guid>("SELECT transaction_id FROM streaming.detailed_transactions LIMIT 1"));

        var broken = await IntegrityChecker.CheckAsync(database.Connection, Model, None).Where(result => result is { Status: IntegrityStatus.Broken, Severity: IntegritySeverity.Error }).ToListAsync();
        Assert.Equal("detailed_transactions", Assert.Single(broken).Table);
    }

    private static async Task ImportAsync(TestDatabase database, ImportOptions options, params (string Table, object?[] Row)[] rows)
    {
        await using var importer = await RowImporter.BeginAsync(database.Connection, Model, options, None);
        foreach (var (table, row) in rows)
        {
            importer.Add(Model.Table(table), row);
        }

        await importer.CompleteAsync(None);
    }
}
