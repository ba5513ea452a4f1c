using System.Globalization;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Streaming;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Loading;

namespace StreamingPg.Tests.Integration.Schema;

/// <summary>Integer keys that become bigint while others write.</summary>
[Collection(SharedPostgres.Name)]
public sealed class KeyWidenerTests(PostgresFixture postgres)
{
    private const long LastInt = int.MaxValue;

    [Fact]
    public async Task A_stream_and_a_large_batch_go_on_beside_it_and_past_the_end_of_integer()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync(LoadedShop.Options(100, 300, 3000) with { ChunkSize = 500 });
        await shop.Database.ExecuteAsync($"SELECT setval('streaming.detailed_transactions_id_seq', {LastInt - 10_000})");
        using var stop = new CancellationTokenSource();
        var events = new EventList();
        var large = Task.Run(() => shop.LoadAsync(LoadedShop.Options(100, 300, 4000) with { ChunkSize = 100 }));
        var stream = Task.Run(() => StreamAsync(shop, events, stop.Token));

        var steps = await KeyWidener.ApplyAsync(shop.Connection, ["detailed_transactions"], new SchemaUpdateOptions(), null, CancellationToken.None).ToListAsync();

        Assert.Equal("integer to bigint", steps[^1].Change);
        await large;
        await shop.LoadAsync(LoadedShop.Options(10, 30, 12_000));
        await shop.LoadAsync(LoadedShop.Options(1, 2, 3));
        while (!stream.IsCompleted && await shop.Database.ScalarAsync<long>("SELECT count(*) FROM streaming.batch_ledger WHERE kind = 'batch' AND rows ->> 'users' = '5'") <= 4)
        {
            await Task.Delay(20);
        }

        await stop.CancelAsync();
        var batches = await stream;

        Assert.True(batches > 3, $"{batches} batches");
        Assert.True(await shop.Database.ScalarAsync<long>("SELECT max(id) FROM streaming.detailed_transactions") > LastInt);
        Assert.Equal(
            await shop.Database.QueryAsync("SELECT added.key, sum(added.value::bigint)::bigint FROM streaming.batch_ledger, jsonb_each_text(rows) AS added GROUP BY 1 ORDER BY 1"),
            await shop.Database.QueryAsync(
                "SELECT 'detailed_transactions', count(*) FROM streaming.detailed_transactions UNION ALL SELECT 'transactions', count(*) FROM streaming.transactions UNION ALL SELECT 'users', count(*) FROM streaming.users ORDER BY 1"));
        await AssertNothingLeftAsync(shop.Database);
        await shop.AssertSoundAsync();
        Assert.Equal("bigint", await shop.Database.ScalarAsync<string>("SELECT data_type::text FROM pg_sequences WHERE sequencename = 'detailed_transactions_id_seq'"));
    }

    [Fact]
    public async Task All_that_refers_to_the_key_goes_with_it_and_keeps_names_rights_and_rules_wherever_it_is_killed()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var role = Identifier.Quote((await database.ConnectAsPlainRoleAsync()).UserName);
        await database.ExecuteAsync(
            $"""
            CREATE SCHEMA streaming; CREATE SCHEMA other;
            CREATE TABLE streaming.orders (
                note text, id int GENERATED ALWAYS AS IDENTITY (START WITH 5 INCREMENT BY 5 CACHE 2) PRIMARY KEY, before_id int REFERENCES streaming.orders, code text COLLATE "C",
                CONSTRAINT "odd name" UNIQUE (code, id));
            CREATE TABLE streaming.lines (
                order_id int NOT NULL REFERENCES streaming.orders ON DELETE CASCADE, line smallint DEFAULT 1, text text, PRIMARY KEY (order_id, line));
            CREATE TABLE streaming.parts (id serial PRIMARY KEY, order_id int, line smallint, FOREIGN KEY (order_id, line) REFERENCES streaming.lines MATCH FULL ON UPDATE CASCADE DEFERRABLE);
            CREATE TABLE other.invoices (id bigserial PRIMARY KEY, order_id int DEFAULT 5, CONSTRAINT of_order FOREIGN KEY (order_id) REFERENCES streaming.orders (id) ON DELETE SET DEFAULT);
            CREATE INDEX by_text ON streaming.lines (order_id DESC, text text_pattern_ops) INCLUDE (line) WITH (fillfactor = 70);
            CREATE INDEX ON other.invoices USING hash (order_id);
            COMMENT ON COLUMN streaming.orders.id IS 'it''s the key'; COMMENT ON CONSTRAINT of_order ON other.invoices IS 'of an order'; COMMENT ON INDEX streaming.by_text IS 'by text';
            GRANT SELECT (id), UPDATE (id, note) ON streaming.orders TO {role}; GRANT USAGE ON SEQUENCE streaming.orders_id_seq TO {role};
            ALTER TABLE streaming.lines REPLICA IDENTITY USING INDEX lines_pkey; ALTER TABLE streaming.orders ALTER COLUMN id SET STATISTICS 300;
            INSERT INTO streaming.orders (note, before_id, code) SELECT 'n' || i, CASE WHEN i > 1 THEN 5 END, i FROM generate_series(1, 3000) i;
            INSERT INTO streaming.lines (order_id, line) SELECT id, 1 + i FROM streaming.orders, generate_series(1, 2) i;
            INSERT INTO streaming.parts (order_id, line) SELECT order_id, line FROM streaming.lines UNION ALL SELECT NULL, NULL;
            INSERT INTO other.invoices (order_id) SELECT id FROM streaming.orders UNION ALL SELECT NULL;
            CREATE FUNCTION streaming.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''nobody changed this row''; END';
            CREATE TRIGGER never BEFORE UPDATE ON streaming.orders FOR EACH ROW EXECUTE FUNCTION streaming.refuse();
            """);
        var before = await DescribeAsync(database);
        var hash = await HashAsync(database);
        var plan = await KeyWidener.PlanAsync(database.Connection, ["orders"], new SchemaUpdateOptions(), CancellationToken.None);
        var steps = new List<SchemaUpdate>();

        // Each step in a run of its own, as if every run were killed after one; filling stops in the middle of the first table as well.
        using (var middle = new CancellationTokenSource())
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => KeyWidener.ApplyAsync(
                database.Connection, ["orders"], new SchemaUpdateOptions(), new CutAfter(middle, " filled "), middle.Token).ToListAsync().AsTask());
        }

        Assert.Equal(before, await DescribeAsync(database));
        for (var runs = 0; runs < 40; runs++)
        {
            await using var run = KeyWidener.ApplyAsync(database.Connection, ["orders"], new SchemaUpdateOptions(), null, CancellationToken.None).GetAsyncEnumerator();
            if (!await run.MoveNextAsync())
            {
                break;
            }

            steps.Add(run.Current);
            await database.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"UPDATE streaming.lines SET text = 'seen' WHERE order_id = {5 * (runs + 1)}"));
            Assert.Equal(hash, await HashAsync(database));
        }

        Assert.Equal(
            [["invoices", "id"], ["invoices", "order_id"], ["lines", "order_id"], ["orders", "before_id"], ["orders", "id"], ["parts", "order_id"]],
            await database.QueryAsync("SELECT c.relname::text, attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relname IN ('orders', 'lines', 'parts', 'invoices') AND attnum > 0 AND atttypid = 'int8'::regtype ORDER BY 1, 2"));
        Assert.Equal("integer to bigint", steps[^1].Change);
        Assert.Contains(plan, step => step is { Kind: "foreign key", Name: "of_order", Change: "add over bigint" });
        await AssertNothingLeftAsync(database);
        Assert.Equal(before, await DescribeAsync(database));
        await database.ExecuteAsync("INSERT INTO streaming.orders (note) VALUES ('next')");
        await database.ExecuteAsync("INSERT INTO streaming.orders (id, note) OVERRIDING SYSTEM VALUE VALUES (5000000000, 'far'); INSERT INTO streaming.lines (order_id) VALUES (5000000000)");
        Assert.Equal([[15_005L], [5_000_000_000L]], await database.QueryAsync("SELECT id FROM streaming.orders WHERE note IN ('next', 'far') ORDER BY 1"));
        Assert.Empty(await KeyWidener.PlanAsync(database.Connection, ["orders"], new SchemaUpdateOptions(), CancellationToken.None));
    }

    [Theory]
    [InlineData("CREATE VIEW streaming.latest AS SELECT max(id) FROM streaming.t", "view \"streaming\".\"latest\" uses it", "Drop what uses the column")]
    [InlineData("ALTER TABLE streaming.t ADD CONSTRAINT positive CHECK (id > 0)", "constraint positive on table streaming.t uses it", "Drop what uses the column")]
    [InlineData("ALTER TABLE streaming.t ADD COLUMN twice int GENERATED ALWAYS AS (id * 2) STORED", "column twice", "Drop what uses the column")]
    [InlineData("ALTER TABLE streaming.t ADD COLUMN twice int GENERATED ALWAYS AS (n * 2) STORED; ALTER TABLE streaming.t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (twice)", "\"t\": column \"twice\" is generated", "ALTER COLUMN")]
    [InlineData("ALTER TABLE streaming.t ADD CONSTRAINT late UNIQUE (n, id) DEFERRABLE", "index \"late\" cannot be copied, because its constraint is deferrable", "Drop the index or its constraint")]
    [InlineData(
        """
        CREATE FUNCTION streaming.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER usual BEFORE UPDATE ON streaming.t FOR EACH ROW EXECUTE FUNCTION streaming.f();
        CREATE TRIGGER odd BEFORE UPDATE ON streaming.t FOR EACH ROW EXECUTE FUNCTION streaming.f(); ALTER TABLE streaming.t ENABLE REPLICA TRIGGER odd
        """,
        "trigger \"odd\" is enabled REPLICA and would run for every row", "Disable the trigger")]
    [InlineData("CREATE INDEX odd ON streaming.t (id) WHERE id % 2 = 1", "index \"odd\" cannot be copied, because it has an expression or a condition", "Drop the index or its constraint")]
    [InlineData("CREATE PUBLICATION changes FOR TABLE streaming.t", "it is in a publication", "Take the table out of the publication")]
    [InlineData("CREATE TABLE streaming.c () INHERITS (streaming.t)", "inherit", "NO INHERIT")]
    [InlineData("CREATE TABLE streaming.c (t_id int REFERENCES streaming.t) PARTITION BY LIST (t_id)", "\"c\": it is partitioned", "Copy the rows")]
    public async Task What_it_cannot_take_along_is_named_before_anything_is_changed(string change, string reason, string remedy)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync($"CREATE SCHEMA streaming; CREATE TABLE streaming.t (id serial PRIMARY KEY, n int); {change}");

        var error = await Assert.ThrowsAsync<StreamingException>(
            () => KeyWidener.ApplyAsync(database.Connection, ["t"], new SchemaUpdateOptions(), null, CancellationToken.None).ToListAsync().AsTask());

        Assert.Equal(ErrorIds.KeyNotWidened, error.ErrorId);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Remedy, StringComparison.Ordinal);
        Assert.Equal("integer", await database.ScalarAsync<string>("SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'streaming.t'::regclass AND attname = 'id'"));
        await AssertNothingLeftAsync(database);
    }

    [Fact]
    public async Task Checks_find_what_they_call_and_no_limit_of_the_database_ends_a_long_step()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync(
            $"""
            CREATE SCHEMA streaming; CREATE TABLE streaming.t (id serial PRIMARY KEY, n int); INSERT INTO streaming.t (n) VALUES (1);
            CREATE FUNCTION streaming.is_fit(n int) RETURNS boolean LANGUAGE sql AS 'SELECT n > 0';
            CREATE FUNCTION streaming.fits(n int) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1.3); RETURN is_fit(n); END';
            ALTER TABLE streaming.t ADD CHECK (streaming.fits(n)) NOT VALID; ALTER DATABASE {Identifier.Quote(database.Name)} SET statement_timeout = '1s'
            """);
        database.Connection.DataSource.Clear();

        var steps = await KeyWidener.ApplyAsync(database.Connection, ["t"], new SchemaUpdateOptions(), null, CancellationToken.None).ToListAsync();

        Assert.Equal(1, steps[1].Rows);
        Assert.Equal("integer to bigint", steps[^1].Change);
        Assert.Equal("1s", await database.ScalarAsync<string>("SHOW statement_timeout"));
    }

    [Fact]
    public async Task A_swap_whose_commit_was_not_answered_is_reported_as_done()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA streaming; CREATE TABLE streaming.t (id serial PRIMARY KEY)");
        await using (var steps = KeyWidener.ApplyAsync(database.Connection, ["t"], new SchemaUpdateOptions(), null, CancellationToken.None).GetAsyncEnumerator())
        {
            while (await steps.MoveNextAsync() && steps.Current.Kind != "index")
            {
            }
        }

        await using var proxy = new FaultyProxy(database.Settings(), ProxyFault.CutAfterCommit);
        await using var connection = new DatabaseConnection(proxy.Through(database.Settings()), database.Connection.Schema, ConnectionSource.Parameter);
        var step = Assert.Single(await KeyWidener.ApplyAsync(connection, ["t"], new SchemaUpdateOptions(), null, CancellationToken.None).ToListAsync());

        Assert.Equal(("integer to bigint", 1), (step.Change, proxy.Happened));
        await AssertNothingLeftAsync(database);
    }

    [Fact]
    public async Task A_lock_that_is_not_to_be_had_is_tried_again_and_a_second_run_is_refused()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA streaming; CREATE TABLE streaming.t (id serial PRIMARY KEY); INSERT INTO streaming.t DEFAULT VALUES");
        await using var reader = await database.Connection.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await reader.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var read = reader.CreateCommand())
        {
            read.CommandText = "SELECT count(*) FROM streaming.t";
            await read.ExecuteScalarAsync(TestContext.Current.CancellationToken);
        }

        var options = new SchemaUpdateOptions { LockTimeout = TimeSpan.FromMilliseconds(20) };
        var widening = Task.Run(() => KeyWidener.ApplyAsync(database.Connection, ["t"], options, null, CancellationToken.None).ToListAsync().AsTask());
        while (!widening.IsCompleted && !await database.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.False(widening.IsCompleted);
        var error = await Assert.ThrowsAsync<StreamingException>(() => KeyWidener.ApplyAsync(database.Connection, ["t"], options, null, CancellationToken.None).ToListAsync().AsTask());
        Assert.Contains("Another session is widening keys", error.Message, StringComparison.Ordinal);

        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("integer to bigint", (await widening)[^1].Change);
    }

    [Fact]
    public async Task Large_keys_are_taken_by_every_command_although_the_metadata_says_integer()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse(
            """
            { "orders": { "columns": { "id": { "type": "SERIAL", "primary_key": true }, "text": { "type": "TEXT" } } },
              "lines": { "columns": { "id": { "type": "INTEGER", "identity": "by default", "primary_key": true },
                "order_id": { "type": "INTEGER", "foreign_key": { "table": "orders", "column": "id" } } } } }
            """);
        await SchemaInitializer.InitializeAsync(database.Connection, KeyTypes.ToBigInt(model), planOnly: false, CancellationToken.None);
        Assert.Equal(
            [["lines", "id", "bigint", "d"], ["lines", "order_id", "bigint", ""], ["orders", "id", "bigint", "d"]],
            await database.QueryAsync("SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL), a.attidentity::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relname IN ('orders', 'lines') AND a.attnum > 0 AND a.attname LIKE '%id' ORDER BY 1, 2"));
        await database.ExecuteAsync("ALTER TABLE streaming.orders ALTER COLUMN id RESTART WITH 5000000000");

        Assert.All(await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: true, CancellationToken.None), change => Assert.Equal(SchemaAction.Unchanged, change.Action));
        Assert.Empty(await SchemaUpdater.PlanAsync(database.Connection, model, new SchemaUpdateOptions { Force = true }, CancellationToken.None));
        foreach (var rows in new[] { 10L, 3000L })
        {
            var options = new BatchOptions { ChunkSize = 1000, Rows = new Dictionary<string, long> { ["orders"] = rows, ["lines"] = rows } };
            Assert.Equal(2 * rows, (await BatchRunner.RunAsync(database.Connection, model, options, null, CancellationToken.None)).TotalRows);
        }

        foreach (var onConflict in new[] { ConflictAction.Error, ConflictAction.Update })
        {
            await using var importer = await RowImporter.BeginAsync(database.Connection, model, new ImportOptions { OnConflict = onConflict }, CancellationToken.None);
            importer.Add(model.Table("orders"), [6_000_000_000L + (int)onConflict, "far"]);
            importer.Add(model.Table("lines"), [null, 6_000_000_000L + (int)onConflict]);
            await importer.CompleteAsync(CancellationToken.None);
        }

        Assert.Equal(3012, await database.CountAsync("lines"));
        Assert.Equal(5_000_000_000, await database.ScalarAsync<long>("SELECT min(order_id) FROM streaming.lines WHERE order_id >= 5000000000"));
    }

    private static async Task<int> StreamAsync(LoadedShop shop, EventList events, CancellationToken stop)
    {
        var options = new StreamOptions { Batch = LoadedShop.Options(5, 10, 20), Interval = TimeSpan.FromMilliseconds(20), Retention = TimeSpan.FromDays(1000) };
        var batches = 0;
        try
        {
            await foreach (var _ in new StreamRunner(shop.Connection, MetadataReader.Default, options, events, progress: null).RunAsync(stop))
            {
                batches++;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It was told to end.
        }

        return batches;
    }

    /// <summary>All about the tables but the types: constraints, indexes, columns with their defaults, rights and comments.</summary>
    private static async Task<List<string>> DescribeAsync(TestDatabase database) =>
    [
        .. (await database.QueryAsync(
            """
            SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated || coalesce(obj_description(oid, 'pg_constraint'), '') FROM pg_constraint
            WHERE conrelid::regclass::text IN ('streaming.orders', 'streaming.lines', 'streaming.parts', 'other.invoices') AND conname NOT LIKE 'streamingpg_wide%'
            UNION ALL SELECT 'index ' || pg_get_indexdef(indexrelid) || indisreplident || coalesce(obj_description(indexrelid, 'pg_class'), '') FROM pg_index
            WHERE indrelid::regclass::text IN ('streaming.orders', 'streaming.lines', 'streaming.parts', 'other.invoices') AND indexrelid::regclass::text NOT LIKE '%streamingpg_wide%'
            UNION ALL SELECT 'column ' || attrelid::regclass || ' ' || attname || attnotnull || attidentity::text || coalesce(attstattarget, -1) || coalesce(attacl::text, '')
                || coalesce(pg_get_expr(adbin, adrelid), '') || coalesce(col_description(attrelid, attnum), '')
            FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
            WHERE attrelid::regclass::text IN ('streaming.orders', 'streaming.lines', 'streaming.parts', 'other.invoices') AND attnum > 0 AND NOT attisdropped AND attname NOT LIKE 'streamingpg_wide%'
            UNION ALL SELECT 'sequence ' || c.oid::regclass || ' ' || seqstart || ' ' || seqincrement || ' ' || seqmin || ' ' || seqcache || coalesce(relacl::text, '') FROM pg_sequence s JOIN pg_class c ON c.oid = seqrelid
            WHERE c.oid::regclass::text IN ('streaming.orders_id_seq', 'streaming.parts_id_seq', 'other.invoices_id_seq')
            """)).Select(row => (string)row[0]!).Order(StringComparer.Ordinal),
    ];

    private static Task<string> HashAsync(TestDatabase database) => database.ScalarAsync<string>(
        """
        SELECT md5((SELECT string_agg(concat_ws(',', id, before_id, note, code), ';' ORDER BY id) FROM streaming.orders))
            || md5((SELECT string_agg(concat_ws(',', order_id, line), ';' ORDER BY order_id, line) FROM streaming.lines))
            || md5((SELECT string_agg(concat_ws(',', id, order_id, line), ';' ORDER BY id) FROM streaming.parts))
            || md5((SELECT string_agg(concat_ws(',', id, order_id), ';' ORDER BY id) FROM other.invoices))
        """);

    private static async Task AssertNothingLeftAsync(TestDatabase database) => Assert.Empty(await database.QueryAsync(
        """
        SELECT relname::text FROM pg_class WHERE relname LIKE '%streamingpg\_wide%' UNION ALL SELECT conname::text FROM pg_constraint WHERE conname LIKE '%streamingpg\_wide%'
        UNION ALL SELECT tgname::text FROM pg_trigger WHERE tgname LIKE '%streamingpg\_wide%' UNION ALL SELECT proname::text FROM pg_proc WHERE proname LIKE '%streamingpg\_wide%'
        UNION ALL SELECT attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relkind <> 'i' AND attname LIKE '%streamingpg\_wide%' AND NOT attisdropped
        """));

    /// <summary>Cancels when a progress text has these words.</summary>
    private sealed class CutAfter(CancellationTokenSource source, string words) : IProgress<string>
    {
        public void Report(string value)
        {
            if (value.Contains(words, StringComparison.Ordinal))
            {
                source.Cancel();
            }
        }
    }
}
