using System.Text.Json;
using System.Text.RegularExpressions;
using StreamingPg.Core.Clearing;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Growth;
using StreamingPg.Core.Health;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Retention;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Relations;
using StreamingPg.Tests.Integration.Retention;
using StreamingPg.Tests.Unit.Infrastructure;

namespace StreamingPg.Tests.Integration.Layouts;

/// <summary>What is asked of distributed tables beyond the table of commands and layouts.</summary>
[Collection(SharedPostgres.Name)]
public sealed class CitusTests(PostgresFixture postgres)
{
    private static readonly StreamModel Model = MetadataReader.Default;
    private static readonly CancellationToken None = CancellationToken.None;

    public static TheoryData<Layout> Layouts { get; } = [.. LayoutDatabase.Layouts.Where(layout => layout is Layout.Distributed or Layout.DistributedAndPartitioned)];

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Layouts))]
    public async Task The_roles_of_the_page_can_what_it_says_and_nothing_else(Layout layout)
    {
        await using var database = await LayoutDatabase.CreateAsync(postgres, layout);
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);
        var (writer, reader, checker) = (await ConnectAsync(database, "writer"), await ConnectAsync(database, "reader"), await ConnectAsync(database, "checker"));

        await BatchHelper.LoadAsync(writer, BatchHelper.Small);
        await BatchHelper.LoadAsync(writer, BatchHelper.Of(300, 900, 2_800) with { ChunkSize = 1_500, Parallel = 2 });
        await ImportAsync(writer, new ImportOptions { OnConflict = ConflictAction.Skip });
        await RemovalHelper.RemoveAsync(writer, new RetentionOptions { OlderThan = TimeSpan.FromDays(10) });
        await RefusedAsync(() => TableClearer.ClearAsync(writer, Model, planOnly: false, force: false, None));

        await GrowthReader.ReadAsync(reader, Model, TimeSpan.FromDays(1), estimate: false, None);
        await LedgerReader.ReadAsync(reader, new LedgerFilter(), None);
        Assert.All(await CheckAsync(reader), finding => Assert.True(finding.Status < IntegrityStatus.Broken, $"{finding.Check}: {finding.Detail} {finding.Error}"));
        Assert.DoesNotContain(await HealthChecker.CheckAsync(reader, Model, new HealthOptions(), None).ToListAsync(), result => result.Advice.Contains("GRANT", StringComparison.Ordinal));
        await RefusedAsync(() => BatchHelper.LoadAsync(reader, BatchHelper.Small));

        Assert.All(await CheckAsync(checker), finding => Assert.True(finding.Status < IntegrityStatus.Broken, $"{finding.Check}: {finding.Detail} {finding.Error}"));
        await RefusedAsync(() => LedgerReader.ReadAsync(checker, new LedgerFilter(), None));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Layouts))]
    public async Task Checks_of_what_came_since_and_imports_of_several_files_work(Layout layout)
    {
        await using var database = await LayoutDatabase.CreateAsync(postgres, layout);
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);
        var batch = await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(300, 900, 2_800) with { ChunkSize = 1_500 });

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ImportAsync(database.Connection, new ImportOptions(), lines: 2_000)));

        var ofBatch = await IntegrityChecker.CheckAsync(database.Connection, Model, new IntegrityOptions { Batches = [batch.BatchId], Parallel = 2 }, None).ToListAsync();
        var since = await IntegrityChecker.CheckAsync(database.Connection, Model, new IntegrityOptions { Since = DateTime.UtcNow.AddHours(-1) }, None).ToListAsync();
        Assert.All(ofBatch.Concat(since), finding => Assert.True(finding.Status < IntegrityStatus.Broken, $"{finding.Check}: {finding.Detail} {finding.Error}"));
        Assert.Equal(6_000 + 2_900, await database.CountAsync("detailed_transactions"));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    /// <summary>The servers of the shards name tables and constraints with the numbers of their shards, which the person at the coordinator does not know.</summary>
    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Layouts))]
    public async Task Faulty_rows_are_rejected_with_the_names_of_the_coordinator(Layout layout)
    {
        await using var database = await LayoutDatabase.CreateAsync(postgres, layout);
        await database.ExecuteAsync("ALTER TABLE streaming.users ADD CONSTRAINT grown CHECK (age > 3)");
        await database.ExecuteAsync("ALTER TABLE streaming.users ALTER name SET NOT NULL");
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "rejected.jsonl");
        var (user, transaction, time) = (Guid.NewGuid(), Guid.NewGuid(), DateTime.UtcNow.AddDays(-2));
        await using (var importer = await RowImporter.BeginAsync(database.Connection, Model, new ImportOptions { OnError = ImportErrorAction.Reject, RejectPath = path }, None))
        {
            importer.Add(Model.Table("users"), [user, "A", "a@example.com", 30, "B", time]);
            importer.Add(Model.Table("users"), [Guid.NewGuid(), "A", "b@example.com", 3, "B", time]);
            importer.Add(Model.Table("users"), [Guid.NewGuid(), null, "c@example.com", 30, "B", time]);
            importer.Add(Model.Table("users"), [user, "A", "d@example.com", 30, "B", time]);
            importer.Add(Model.Table("transactions"), [transaction, user, 9.99m, time, "new"]);
            importer.Add(Model.Table("transactions"), [Guid.NewGuid(), Guid.NewGuid(), 9.99m, time, "new"]);
            importer.Add(Model.Table("detailed_transactions"), [null, transaction, user, "Chair", 1, 9.99m, time]);
            await importer.CompleteAsync(None);
        }

        var rejected = (await File.ReadAllLinesAsync(path, None)).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(
            ["23502 name", "23503 transactions_user_id_fkey", "23505 users_pkey", "23514 grown"],
            rejected.Select(row => $"{row.GetProperty("sqlstate")} {(row.TryGetProperty("constraint", out var name) ? name : row.GetProperty("column"))}").Order());
        Assert.All(rejected, row => Assert.DoesNotMatch("_[0-9]{6}", row.GetProperty("reason").GetString()!));
        Assert.Equal((1, 1, 1), (await database.CountAsync("users"), await database.CountAsync("transactions"), await database.CountAsync("detailed_transactions")));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Layouts))]
    public async Task What_Citus_cannot_is_refused_before_anything_is_changed(Layout layout)
    {
        await using var database = await LayoutDatabase.CreateAsync(postgres, layout);

        var widened = await Assert.ThrowsAsync<StreamingException>(() => KeyWidener.PlanAsync(database.Connection, ["detailed_transactions"], new SchemaUpdateOptions(), None));
        var published = await Assert.ThrowsAsync<StreamingException>(() => SchemaInitializer.InitializeAsync(database.Connection, Model, "changes", planOnly: true, None));

        var updated = await Assert.ThrowsAsync<StreamingException>(() => ImportAsync(database.Connection, new ImportOptions { OnConflict = ConflictAction.Update }));

        Assert.Equal((ErrorIds.KeyNotWidened, ErrorIds.LayoutNotPossible, ErrorIds.ImportOptionInvalid), (widened.ErrorId, published.ErrorId, updated.ErrorId));
    }

    /// <summary>Trees, composite keys, references between distributed tables, and lists on every server.</summary>
    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Layouts))]
    public async Task Other_tables_are_distributed_filled_checked_and_pruned(Layout layout)
    {
        await using var database = await LayoutDatabase.CreateAsync(postgres, layout);
        var model = MetadataReader.Parse(
            """
            {
              "tenants": { "columns": { "tenant_id": { "type": "BIGSERIAL", "primary_key": true }, "name": { "type": "VARCHAR(80)", "nullable": false } } },
              "categories": { "columns": {
                "category_id": { "type": "SERIAL", "primary_key": true }, "label": { "type": "VARCHAR(40)" },
                "parent_id": { "type": "INTEGER", "nullable": true, "null_ratio": 0.3, "foreign_key": "categories.category_id" } } },
              "invoices": { "columns": {
                "invoice_id": { "type": "UUID", "primary_key": true }, "tenant_id": { "type": "BIGINT", "nullable": false, "foreign_key": "tenants.tenant_id" },
                "category_id": { "type": "INTEGER", "nullable": false, "foreign_key": "categories.category_id" },
                "issued_at": { "type": "TIMESTAMP", "nullable": false }, "number": { "type": "VARCHAR(40)", "unique": true } } },
              "invoice_lines": { "columns": {
                "invoice_id": { "type": "UUID", "primary_key": true, "foreign_key": "invoices.invoice_id" }, "line_no": { "type": "INTEGER", "primary_key": true },
                "tenant_id": { "type": "BIGINT", "nullable": false, "foreign_key": "tenants.tenant_id" }, "amount": { "type": "NUMERIC(10,2)" } } }
            }
            """);
        var connection = database.Connection.WithSchema("billing");
        await SchemaInitializer.InitializeAsync(
            connection, model, new LayoutOptions { Distributed = true, PartitionBy = layout is Layout.Distributed ? null : PartitionInterval.Month }, planOnly: false, None);

        foreach (var size in new[] { 10, 600 })
        {
            var rows = new Dictionary<string, long> { ["tenants"] = size, ["categories"] = size, ["invoices"] = 3 * size, ["invoice_lines"] = 9 * size };
            await BatchRunner.RunAsync(connection, model, new() { Rows = rows }, null, None);
        }

        var invoice = Guid.NewGuid();
        await using (var importer = await RowImporter.BeginAsync(connection, model, new ImportOptions(), None))
        {
            importer.Add(model.Table("tenants"), [1_000_001L, "A"]);
            importer.Add(model.Table("categories"), [1_000_001, "B", null]);
            importer.Add(model.Table("invoices"), [invoice, 1_000_001L, 1_000_001, DateTime.UtcNow, "C"]);
            importer.Add(model.Table("invoice_lines"), [invoice, 1, 1_000_001L, 9.99m]);
            await importer.CompleteAsync(None);
        }

        Assert.All(await IntegrityChecker.CheckAsync(connection, model, None).ToListAsync(), finding => Assert.True(finding.Status < IntegrityStatus.Broken, $"{finding.Check}: {finding.Detail} {finding.Error}"));
        var removed = await RemovalHelper.RemoveAsync(connection, new RetentionOptions { OlderThan = TimeSpan.FromDays(15) }, model);
        Assert.InRange(removed["invoice_lines"].Removed, layout is Layout.Distributed ? 1 : 0, 5_490);
        Assert.All(await IntegrityChecker.CheckAsync(connection, model, None).ToListAsync(), finding => Assert.True(finding.Status < IntegrityStatus.Broken, $"{finding.Check}: {finding.Detail} {finding.Error}"));
    }

    /// <summary>Order lines have no customer, so that products are what rows are distributed by, and orders are on every server.</summary>
    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Layouts))]
    public async Task The_shop_is_loaded_and_checked_and_says_whose_rows_cannot_be_removed(Layout layout)
    {
        await using var database = await LayoutDatabase.CreateAsync(postgres, layout);
        var model = MetadataReader.Load(ShopExample.Path);
        var connection = database.Connection.WithSchema("shop");
        await SchemaInitializer.InitializeAsync(
            connection, model, new LayoutOptions { Distributed = true, PartitionBy = layout is Layout.Distributed ? null : PartitionInterval.Month }, planOnly: false, None);
        var rows = new Dictionary<string, long>
        {
            ["categories"] = 10, ["products"] = 100, ["tags"] = 10, ["product_tags"] = 200, ["customers"] = 200, ["profiles"] = 100, ["addresses"] = 400, ["orders"] = 600, ["order_lines"] = 1_500, ["reviews"] = 500,
        };
        await BatchRunner.RunAsync(connection, model, new() { Rows = rows }, null, None);
        await BatchRunner.RunAsync(connection, model, new() { Rows = rows.ToDictionary(table => table.Key, table => table.Value / 10) }, null, None);

        var options = new RetentionOptions { OlderThan = TimeSpan.FromDays(15) };
        var refused = await Assert.ThrowsAsync<StreamingException>(() => RemovalHelper.RemoveAsync(connection, options, model));
        var counted = await Assert.ThrowsAsync<StreamingException>(() => RetentionRunner.CountAsync(connection, model, options, None));
        var removed = await RemovalHelper.RemoveAsync(connection, options with { Tables = ["reviews"] }, model);

        Assert.Equal((ErrorIds.LayoutNotPossible, ErrorIds.LayoutNotPossible), (refused.ErrorId, counted.ErrorId));
        Assert.True(removed.TryGetValue("reviews", out var reviews) && (reviews.Removed > 0 || layout is not Layout.Distributed));
        Assert.All(await IntegrityChecker.CheckAsync(connection, model, None).ToListAsync(), finding => Assert.True(finding.Status < IntegrityStatus.Broken, $"{finding.Check}: {finding.Detail} {finding.Error}"));
    }

    /// <summary>By the statements of docs/security.md, run by the owner on the coordinator.</summary>
    private static async Task<DatabaseConnection> ConnectAsync(TestDatabase database, string name)
    {
        var role = await database.ConnectAsPlainRoleAsync();
        foreach (Match grant in Regex.Matches(RepositoryFile.Read("docs", "security.md"), $"^GRANT .* TO shop_{name};$", RegexOptions.Multiline))
        {
            await database.ExecuteAsync(grant.Value.Replace($"shop_{name};", Identifier.Quote(role.UserName), StringComparison.Ordinal)
                .Replace("DATABASE streaming_db", $"DATABASE {Identifier.Quote(role.Database)}", StringComparison.Ordinal));
        }

        return role;
    }

    private static async Task RefusedAsync(Func<Task> work) =>
        Assert.Equal(StreamingErrorKind.PermissionDenied, (await Assert.ThrowsAsync<StreamingException>(work)).Kind);

    private static async Task<List<IntegrityResult>> CheckAsync(DatabaseConnection connection) => await IntegrityChecker.CheckAsync(connection, Model, None).ToListAsync();

    private static async Task ImportAsync(DatabaseConnection connection, ImportOptions options, int lines = 1)
    {
        var (user, transaction, time) = (Guid.NewGuid(), Guid.NewGuid(), DateTime.UtcNow.AddDays(-2));
        await using var importer = await RowImporter.BeginAsync(connection, Model, options, None);
        importer.Add(Model.Table("users"), [user, "A", $"{user}@example.com", 30, "B", time]);
        importer.Add(Model.Table("transactions"), [transaction, user, 9.99m * lines, time, "completed"]);
        for (var line = 0; line < lines; line++)
        {
            importer.Add(Model.Table("detailed_transactions"), [null, transaction, user, "Chair", 1, 9.99m, time]);
        }

        await importer.CompleteAsync(None);
    }
}
