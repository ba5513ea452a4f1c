using StreamingPg.Core.Clearing;
using StreamingPg.Core.Growth;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Retention;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Telemetry;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Retention;

namespace StreamingPg.Tests.Integration.Layouts;

/// <summary>Tables in partitions by time: created, filled, checked and pruned by the commands that know of no partitions.</summary>
[Collection(SharedPostgres.Name)]
public sealed class PartitionTests(PostgresFixture postgres)
{
    private static readonly LayoutOptions ByMonth = new() { PartitionBy = PartitionInterval.Month };
    private static readonly DateTime Now = new(2026, 6, 15, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public async Task Tables_are_partitioned_and_a_second_time_nothing_is_to_do()
    {
        await using var database = await postgres.CreateDatabaseAsync();

        var created = await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, ByMonth, planOnly: false, default);
        var again = await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, ByMonth, planOnly: false, default);
        var plain = await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: true, default);
        var other = await SchemaInitializer.InitializeAsync(
            database.Connection, MetadataReader.Default, new LayoutOptions { PartitionBy = PartitionInterval.Day }, planOnly: true, default);

        Assert.Equal(8, created.Count(change => change is { Kind: "partition", Action: SchemaAction.Created }));
        Assert.All(again, change => Assert.Equal(SchemaAction.Unchanged, change.Action));
        Assert.All(plain, change => Assert.Equal(SchemaAction.Unchanged, change.Action));
        Assert.Equal("partitioned by transaction_date, one partition per month", plain.Single(change => change.Name == "transactions").Detail);
        Assert.Equal("its partitions hold a month each, not a day", other.Single(change => change.Name == "transactions").Detail);
        Assert.Equal(
            ["transaction_id", "transaction_date"],
            await database.ScalarAsync<string[]>(
                """
                SELECT ARRAY(SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
                WHERE i.indrelid = 'streaming.transactions'::regclass AND i.indisprimary ORDER BY array_position(i.indkey, a.attnum))
                """));
    }

    [Theory]
    [InlineData(40)] // one round trip
    [InlineData(300)] // COPY, in chunks
    public async Task Batches_load_into_partitions_of_their_time_and_every_row_refers(long users)
    {
        await using var database = await CreateAsync();
        var batch = BatchHelper.Of(users, 3 * users, 9 * users) with { ReferenceTime = Now, ChunkSize = 2_000 };

        await BatchHelper.LoadAsync(database.Connection, batch);
        await BatchHelper.LoadAsync(database.Connection, batch with { Rows = BatchHelper.Of(0, users, 2 * users).Rows });
        await BatchHelper.LoadAsync(database.Connection, batch with { Rows = BatchHelper.Of(0, 0, users).Rows });

        Assert.Equal(4 * users, await database.CountAsync("transactions"));
        Assert.Equal(12 * users, await database.CountAsync("detailed_transactions"));
        Assert.Equal(0, await database.CountAsync("transactions_other"));
        Assert.NotEqual(0, await database.CountAsync("transactions_m202606"));
        var findings = await CheckAsync(database);
        Assert.All(findings, finding => Assert.Equal(IntegrityStatus.Passed, finding.Status));
        Assert.Contains(findings, finding => finding.Detail.StartsWith("The server cannot enforce this foreign key", StringComparison.Ordinal));
        Assert.Equal(12 * users, (await GrowthAsync(database)).Single(table => table.Table == "detailed_transactions").Rows);
    }

    [Fact]
    public async Task Retention_drops_old_partitions_with_the_parts_of_their_rows_and_counts_their_rows()
    {
        await using var database = await CreateAsync();
        await LoadMonthsAsync(database);

        // One line of a transaction of April lies in May, as those of the last minutes of a month do: April goes whole when May is old.
        Assert.Equal(1, await database.ExecuteAsync(
            """
            UPDATE streaming.detailed_transactions SET created_at = '2026-05-01 00:01' WHERE id = (
                SELECT l.id FROM streaming.detailed_transactions l JOIN streaming.transactions t USING (transaction_id)
                WHERE transaction_date < '2026-05-01' AND l.id <> (SELECT max(id) FROM streaming.detailed_transactions o WHERE o.transaction_id = t.transaction_id) LIMIT 1)
            """));
        foreach (var before in new[] { new DateTime(2026, 4, 20), new DateTime(2026, 5, 20) })
        {
            var planned = await RetentionRunner.CountAsync(database.Connection, MetadataReader.Default, new RetentionOptions { Before = before }, default);
            var removed = await RemovalHelper.RemoveAsync(database.Connection, new RetentionOptions { Before = before });
            Assert.All(planned.Concat(removed.Values).Where(result => result.Table != "users"), result => Assert.Equal(0, result.Removed));
        }

        // What is dropped is not counted towards the rows per second, or this would take minutes: 520 rows at one a second.
        using var patience = new CancellationTokenSource(TestProcess.Patience);
        var options = new RetentionOptions { Before = new DateTime(2026, 6, 20), MaxRowsPerSecond = 1, Tables = ["transactions", "detailed_transactions"] };
        var second = await RemovalHelper.RemoveAsync(database.Connection, options, cancellationToken: patience.Token);

        Assert.Equal((120, 400), (second["transactions"].Removed, second["detailed_transactions"].Removed));
        Assert.Equal((60, 200), (await database.CountAsync("transactions"), await database.CountAsync("detailed_transactions")));
        foreach (var gone in new[] { "transactions_m202604", "detailed_transactions_m202604", "transactions_m202605", "detailed_transactions_m202605" })
        {
            Assert.False(await ExistsAsync(database, gone), gone);
        }

        await BatchHelper.AssertSoundAsync(database.Connection);
        Assert.All((await RemovalHelper.RemoveAsync(database.Connection, options)).Values, again => Assert.Equal(0, again.Removed));
    }

    /// <summary>
    /// A line of April's last minutes is in May, which stays for a line in June: it goes with April, and so does its user. Somebody refers to a row of
    /// another partition by a key of his own.
    /// </summary>
    [Fact]
    public async Task Retention_counts_beforehand_what_goes_with_partitions_and_keeps_what_a_key_to_a_partition_refers_to()
    {
        await using var database = await CreateAsync();
        await LoadMonthsAsync(database);
        await database.ExecuteAsync(
            """
            UPDATE streaming.detailed_transactions l SET created_at = CASE WHEN transaction_date < '2026-05-01' THEN timestamp '2026-05-01 00:01' ELSE '2026-06-01 00:01' END
            FROM (SELECT DISTINCT ON (date_trunc('month', transaction_date)) transaction_id, transaction_date, max(id) AS last FROM streaming.transactions
                  JOIN streaming.detailed_transactions USING (transaction_id) WHERE transaction_date < '2026-06-01' GROUP BY 1, 2 ORDER BY date_trunc('month', transaction_date), 2) t
            WHERE l.id = t.last;
            CREATE TABLE public.notes AS SELECT transaction_id, transaction_date FROM streaming.transactions WHERE transaction_date >= '2026-05-01' ORDER BY 2 LIMIT 2;
            """);
        var options = new RetentionOptions { Before = new DateTime(2026, 6, 20), MaxRetry = 0 };

        var planned = await RetentionRunner.CountAsync(database.Connection, MetadataReader.Default, options, default);
        var removed = await RemovalHelper.RemoveAsync(database.Connection, options);

        Assert.Equal((60, 200), (removed["transactions"].Removed, removed["detailed_transactions"].Removed));
        Assert.Equal(planned.Select(table => (table.Table, table.Removed)).Order(), removed.Values.Select(table => (table.Table, table.Removed)).Order());
        Assert.False(await ExistsAsync(database, "transactions_m202604"));
        Assert.True(await ExistsAsync(database, "transactions_m202605"));

        await database.ExecuteAsync("ALTER TABLE public.notes ADD CONSTRAINT kept FOREIGN KEY (transaction_id, transaction_date) REFERENCES streaming.transactions_m202605");
        var events = new EventList();
        options = options with { Before = new DateTime(2026, 7, 20) };
        planned = await RetentionRunner.CountAsync(database.Connection, MetadataReader.Default, options, default);
        removed = await RemovalHelper.RemoveAsync(database.Connection, options, events: events);

        Assert.Equal(planned.Select(table => (table.Table, table.Removed)).Order(), removed.Values.Select(table => (table.Table, table.Removed)).Order());
        Assert.Equal((2, 2), (await database.CountAsync("transactions_m202605"), await database.ScalarAsync<long>("SELECT count(*) FROM public.notes JOIN streaming.transactions USING (transaction_id)")));
        Assert.Contains("because constraint kept on table", Assert.Single(events.Events, item => item.Name == BatchEvent.RetentionPutOff).Text, StringComparison.Ordinal);
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    /// <summary>One partition has a view, another is being read, and the newest tells how much time the next is to hold.</summary>
    [Fact]
    public async Task Retention_goes_on_where_a_partition_cannot_be_dropped_and_leaves_the_newest()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse("""{ "visit": { "columns": { "id": { "type": "UUID", "primary_key": true }, "created_at": { "type": "TIMESTAMPTZ" } } } }""");
        await SchemaInitializer.InitializeAsync(database.Connection, model, new LayoutOptions { PartitionBy = PartitionInterval.Day }, planOnly: false, default);
        await database.ExecuteAsync("DO $$ DECLARE p regclass; BEGIN FOR p IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'streaming.visit'::regclass AND inhrelid <> 'streaming.visit_other'::regclass LOOP EXECUTE 'DROP TABLE ' || p; END LOOP; END $$");
        await database.ExecuteAsync(
            """
            DO $$ BEGIN FOR day IN 1..5 LOOP
                EXECUTE format('CREATE TABLE streaming.visit_d2026060%s PARTITION OF streaming.visit FOR VALUES FROM (%L) TO (%L)', day,
                    timestamptz '2026-05-31 00:00+00' + day * interval '1 day', timestamptz '2026-06-01 00:00+00' + day * interval '1 day');
            END LOOP; END $$
            """);
        await database.ExecuteAsync("INSERT INTO streaming.visit SELECT gen_random_uuid(), timestamptz '2026-06-01 12:00+00' + day * interval '1 day' FROM generate_series(0, 4) day");
        await database.ExecuteAsync("CREATE VIEW streaming.first AS SELECT * FROM streaming.visit_d20260601");
        var options = new RetentionOptions { Before = new DateTime(2026, 7, 1), MaxRetry = 0 };
        var events = new EventList();
        Dictionary<string, RemovalResult> first;
        await using (var other = await database.Connection.DataSource.OpenConnectionAsync())
        {
            await using var transaction = await other.BeginTransactionAsync();
            await using var read = new Npgsql.NpgsqlCommand("SELECT FROM streaming.visit_d20260603", other, transaction);
            await read.ExecuteNonQueryAsync();
            first = await RemovalHelper.RemoveAsync(database.Connection, options, model, events);
        }

        var second = await RemovalHelper.RemoveAsync(database.Connection, options, model);
        await BatchRunner.RunAsync(
            database.Connection, model, new BatchOptions { Rows = new Dictionary<string, long> { ["visit"] = 10 }, ReferenceTime = Now, EventSpan = TimeSpan.FromHours(1) }, null, default);

        Assert.Equal(
            ["\"visit_d20260601\" is not dropped, because view streaming.first depends on it; its rows are deleted one by one.", "\"visit_d20260603\" could not be dropped; the next run tries again."],
            events.Events.Where(item => item.Name == BatchEvent.RetentionPutOff).Select(item => item.Error is null ? item.Text : item.Text[..(item.Text.IndexOf('.') + 1)]));
        Assert.Equal((2, 3), (first["visit"].Removed, second["visit"].Removed));
        var left = await Task.WhenAll(Enumerable.Range(1, 5).Select(day => ExistsAsync(database, $"visit_d2026060{day}")));
        Assert.Equal([true, false, false, false, true], left);
        Assert.True(await ExistsAsync(database, "visit_d20260615"));
    }

    [Fact]
    public async Task Rows_that_found_no_partition_move_into_theirs()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync("INSERT INTO streaming.users SELECT gen_random_uuid(), 'A', 'a@example.com', 30, 'B', '2020-01-01'");
        var later = DateTime.UtcNow.AddMonths(5);
        await database.ExecuteAsync(
            $"INSERT INTO streaming.transactions SELECT gen_random_uuid(), user_id, 1, timestamp '{later:yyyy-MM-dd}', 'new' FROM streaming.users");
        Assert.Equal(1, await database.CountAsync("transactions_other"));

        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(1, 1, 1) with { ReferenceTime = later });

        Assert.Equal(0, await database.CountAsync("transactions_other"));
        Assert.Equal(2, await database.CountAsync("transactions"));
    }

    [Fact]
    public async Task A_role_that_owns_nothing_fills_the_default_partition_and_deletes_row_by_row()
    {
        await using var database = await CreateAsync();
        await LoadMonthsAsync(database);
        var writer = await database.ConnectAsPlainRoleAsync(
            "GRANT USAGE ON SCHEMA streaming TO {role}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA streaming TO {role}",
            "GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA streaming TO {role}");
        var events = new EventList();

        await BatchHelper.LoadAsync(writer, BatchHelper.Small with { ReferenceTime = new DateTime(2026, 2, 20, 0, 0, 0, DateTimeKind.Utc), EventSpan = TimeSpan.FromDays(10), ExistingRatio = 0 }, events);
        Dictionary<string, RemovalResult> skipped;
        await using (var other = await database.Connection.DataSource.OpenConnectionAsync())
        {
            // A row that somebody holds is left out, and not mistaken for the one at the same place of another partition.
            await using var transaction = await other.BeginTransactionAsync();
            await using var hold = new Npgsql.NpgsqlCommand("SELECT FROM streaming.transactions_m202604 WHERE ctid = '(0,1)' FOR UPDATE", other, transaction);
            await hold.ExecuteNonQueryAsync();
            skipped = await RemovalHelper.RemoveAsync(writer, new RetentionOptions { Before = new DateTime(2026, 5, 1), MaxRetry = 0 });
        }

        var removed = await RemovalHelper.RemoveAsync(writer, new RetentionOptions { Before = new DateTime(2026, 5, 1) });

        Assert.Single(events.Events, item => item.Name == BatchEvent.PartitionsNotCreated);
        Assert.Equal((89, 1), (skipped["transactions"].Removed, removed["transactions"].Removed));
        Assert.True(await ExistsAsync(database, "transactions_m202604"));
        Assert.Equal((0, 0), (await database.CountAsync("transactions_m202604"), await database.CountAsync("transactions_other")));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    /// <summary>What a process remembers of tables must not outlive them.</summary>
    [Fact]
    public async Task Tables_that_are_made_anew_in_another_layout_are_filled_at_once()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        foreach (var layout in new[] { new LayoutOptions(), ByMonth, new LayoutOptions() })
        {
            await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, layout, planOnly: false, default);
            await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small with { ReferenceTime = Now });
            await BatchHelper.AssertSoundAsync(database.Connection);
            Assert.Equal(layout.PartitionBy is not null, await ExistsAsync(database, "transactions_m202606"));
            if (layout.PartitionBy is not null)
            {
                Assert.Equal(0, await database.CountAsync("transactions_other"));
            }

            await SchemaRemover.RemoveAsync(database.Connection, MetadataReader.Default, planOnly: false, force: false, default);
        }
    }

    [Fact]
    public async Task Days_of_any_kind_of_time_are_filled_dropped_and_filled_again()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse(
            """
            {
              "owner": { "columns": { "id": { "type": "UUID", "primary_key": true } } },
              "visit": {
                "partition": "day",
                "columns": { "id": { "type": "UUID", "primary_key": true }, "created_at": { "type": "TIMESTAMPTZ" }, "owner_id": { "type": "UUID", "foreign_key": "owner.id" } }
              },
              "note": {
                "partition": { "column": "day", "every": "week" },
                "columns": { "id": { "type": "SERIAL", "primary_key": true }, "day": { "type": "DATE" }, "visit_id": { "type": "UUID", "foreign_key": "visit.id" } }
              },
              "tag": {
                "columns": { "visit_id": { "type": "UUID", "primary_key": true, "foreign_key": "visit.id" }, "label": { "type": "VARCHAR(20)", "primary_key": true } }
              }
            }
            """);
        var batch = new BatchOptions
        {
            Rows = new Dictionary<string, long> { ["owner"] = 5, ["visit"] = 1_200, ["note"] = 300, ["tag"] = 900 }, ReferenceTime = Now, EventSpan = TimeSpan.FromDays(4), ChunkSize = 1_200,
        };
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, default);
        await BatchRunner.RunAsync(database.Connection, model, batch, null, default);
        var filled = await database.CountAsync("visit");

        // Days to which notes of the next week refer stay whole until those are old; their tags, which are as old as they are, go before.
        var referring = await RemovalHelper.RemoveAsync(database.Connection, new RetentionOptions { Before = new DateTime(2026, 6, 15) }, model);
        var removed = await RemovalHelper.RemoveAsync(database.Connection, new RetentionOptions { Before = new DateTime(2026, 6, 22) }, model);
        var left = await database.CountAsync("visit");
        await BatchRunner.RunAsync(database.Connection, model, batch, null, default);

        Assert.Equal(1_200, filled);
        Assert.Equal(0, referring["visit"].Removed);
        Assert.InRange(referring["tag"].Removed, 1, 899);
        Assert.InRange(removed["visit"].Removed, 1, 1_199);
        Assert.Equal(1_200 - removed["visit"].Removed, left);
        Assert.Equal((0, 0), (await database.CountAsync("visit_other"), await database.CountAsync("note_other")));
        Assert.All(await IntegrityChecker.CheckAsync(database.Connection, model, default).ToListAsync(), finding => Assert.Equal(IntegrityStatus.Passed, finding.Status));
    }

    [Fact]
    public async Task Partitions_of_a_tool_are_left_to_it()
    {
        await using var database = await CreateAsync();
        if (await database.ScalarAsync<long>("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_partman'") == 0)
        {
            Assert.Skip("The server does not have the extension pg_partman.");
        }

        await database.ExecuteAsync("CREATE SCHEMA partman; CREATE EXTENSION pg_partman SCHEMA partman");
        await database.ExecuteAsync(
            """
            CREATE TABLE streaming.events (id uuid, created_at timestamptz NOT NULL, PRIMARY KEY (id, created_at)) PARTITION BY RANGE (created_at);
            SELECT partman.create_parent('streaming.events', 'created_at', 'native', 'daily');
            """);
        const string Metadata = """{"events": {"columns": {"id": {"type": "UUID", "primary_key": true}, "created_at": {"type": "TIMESTAMPTZ"}}}}""";
        var model = MetadataReader.Parse(Metadata);
        var partitions = await database.ScalarAsync<long>("SELECT count(*) FROM pg_partition_tree('streaming.events')");

        var table = (await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, default)).Single(change => change.Kind == "table");
        await BatchRunner.RunAsync(database.Connection, model, new() { Rows = new Dictionary<string, long> { ["events"] = 500 }, EventSpan = TimeSpan.FromDays(2) }, null, default);
        var removed = await RemovalHelper.RemoveAsync(database.Connection, new RetentionOptions { OlderThan = TimeSpan.FromDays(1) }, model);

        Assert.Equal((SchemaAction.Unchanged, "partitioned by created_at, left to pg_partman"), (table.Action, table.Detail));
        Assert.InRange(removed["events"].Removed, 1, 499);
        Assert.Equal(partitions, await database.ScalarAsync<long>("SELECT count(*) FROM pg_partition_tree('streaming.events')"));
    }

    [Fact]
    public async Task An_update_creates_the_partitions_that_are_missing()
    {
        await using var database = await CreateAsync();
        var ahead = PartitionPeriod.Of(PartitionInterval.Month, DateTime.UtcNow.AddMonths(2)).NameIn("transactions", PartitionInterval.Month);
        await database.ExecuteAsync($"DROP TABLE streaming.{ahead}");
        await database.ExecuteAsync(
            """
            INSERT INTO streaming.users SELECT gen_random_uuid(), 'A', 'a@example.com', 30, 'B', '2020-01-01';
            INSERT INTO streaming.transactions SELECT gen_random_uuid(), user_id, 1, time, 'new' FROM streaming.users, unnest('{2024-02-29,2024-04-01,2024-04-30 23:59,-infinity}'::timestamp[]) time
            """);

        var steps = await SchemaUpdater.ApplyAsync(database.Connection, MetadataReader.Default, new SchemaUpdateOptions(), default).ToListAsync();

        // Rows of the past that found no partition get theirs, too; an infinite time has none.
        string[] past = ["transactions_m202402", "transactions_m202404"];
        Assert.Equal([ahead, .. past], steps.Select(step => step is { Kind: "partition", State: SchemaUpdateState.Applied } ? step.Name : ""));
        Assert.True(await ExistsAsync(database, ahead));
        Assert.Equal((1, 1, 2), (await database.CountAsync("transactions_other"), await database.CountAsync(past[0]), await database.CountAsync(past[1])));
        Assert.Empty(await SchemaUpdater.PlanAsync(database.Connection, MetadataReader.Default, new SchemaUpdateOptions(), default));
    }

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, ByMonth, planOnly: false, default);
        return database;
    }

    private static async Task LoadMonthsAsync(TestDatabase database)
    {
        foreach (var month in new[] { 4, 5, 6 })
        {
            await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(20, 60, 200) with
            {
                ReferenceTime = new DateTime(2026, month, 28, 0, 0, 0, DateTimeKind.Utc),
                EventSpan = TimeSpan.FromDays(27),
                ExistingRatio = 0,
            });
        }
    }

    private static Task<bool> ExistsAsync(TestDatabase database, string table) =>
        database.ScalarAsync<bool>("SELECT to_regclass('streaming.' || $1) IS NOT NULL", table);

    private static async Task<List<IntegrityResult>> CheckAsync(TestDatabase database) =>
        await IntegrityChecker.CheckAsync(database.Connection, MetadataReader.Default, default).ToListAsync();

    private static Task<IReadOnlyList<TableGrowth>> GrowthAsync(TestDatabase database) =>
        GrowthReader.ReadAsync(database.Connection, MetadataReader.Default, TimeSpan.FromDays(1), estimate: false, default);
}
