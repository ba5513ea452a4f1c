using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Telemetry;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Layouts;

/// <summary>A large batch loads the partitions that have no rows yet as tables of their own, and leaves behind what any other batch would have.</summary>
[Collection(SharedPostgres.Name)]
public sealed class NewPartitionTests(PostgresFixture postgres)
{
    private const string OwnTables = "as tables of their own: their indexes were built";

    private static readonly DateTime Begin = new(2026, 1, 15, 12, 0, 0, DateTimeKind.Utc);

    // Of all tables and their partitions.
    private const string Definitions =
        """
        SELECT string_agg(line, E'\n' ORDER BY line) FROM (
            SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated FROM pg_constraint WHERE connamespace = 'streaming'::regnamespace
            UNION ALL
            SELECT pg_get_indexdef(indexrelid) || ' ' || indisvalid FROM pg_index WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'streaming'::regnamespace)
            UNION ALL
            SELECT c.oid::regclass || ' ' || c.relkind::text || ' ' || c.relowner::regrole || ' ' || coalesce(pg_get_expr(c.relpartbound, c.oid), '')
            FROM pg_class c WHERE relnamespace = 'streaming'::regnamespace
            UNION ALL
            SELECT attrelid::regclass || ' ' || attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull || ' ' || attstorage::text || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE relnamespace = 'streaming'::regnamespace AND attnum > 0 AND NOT attisdropped
            UNION ALL
            SELECT tgrelid::regclass || ' ' || tgfoid::regproc || ' ' || tgenabled::text || ' ' || count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
            WHERE relnamespace = 'streaming'::regnamespace GROUP BY tgrelid, tgfoid, tgenabled) AS all_of_it (line)
        """;

    /// <summary>All rows of one month: frozen, and as those of a batch whose foreign keys triggers have checked.</summary>
    [Fact]
    public async Task One_new_partition_is_filled_frozen_and_is_then_as_any_other()
    {
        await using var database = await CreateAsync();
        await using var reference = await CreateAsync();
        var options = Of(28, TimeSpan.FromDays(20)) with { ExistingRatio = 0.2 };
        await BatchHelper.LoadAsync(reference.Connection, options with { ForeignKeyCheck = ForeignKeyCheck.Row });

        var result = await BatchHelper.LoadAsync(database.Connection, options);

        Assert.Contains("2 new partitions were loaded " + OwnTables, result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.Equal(await HashAsync(reference), await HashAsync(database));
        Assert.Equal(await reference.ScalarAsync<string>(Definitions), await database.ScalarAsync<string>(Definitions));
        Assert.Equal((6000, 20_000), (await database.CountAsync("transactions_m202606"), await database.CountAsync("detailed_transactions_m202606")));
        Assert.True(await database.ScalarAsync<bool>(
            "SELECT bool_and(relallvisible = relpages AND relpages > 0) FROM pg_class WHERE relname IN ('transactions_m202606', 'detailed_transactions_m202606')"));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    /// <summary>Rows that a table of the transaction's own distributes; those of the months that have rows already are inserted there.</summary>
    [Fact]
    public async Task Several_new_partitions_are_filled_beside_others_that_have_rows_and_chunks_are_one_transaction()
    {
        await using var database = await CreateAsync();
        await using var reference = await CreateAsync();
        var options = Of(28, TimeSpan.FromDays(160)) with { BatchId = Guid.NewGuid(), ChunkSize = 10_000 };
        await BatchHelper.LoadAsync(reference.Connection, options with { ForeignKeyCheck = ForeignKeyCheck.Row });

        var result = await BatchHelper.LoadAsync(database.Connection, options);

        Assert.Contains(OwnTables, result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.Equal(1L, await database.ScalarAsync<long>($"SELECT count(DISTINCT xmin::text) FROM streaming.batch_ledger WHERE batch_id = '{options.BatchId}'"));
        Assert.True((await BatchHelper.LoadAsync(database.Connection, options)).AlreadyLoaded);
        Assert.Equal(await HashAsync(reference), await HashAsync(database));
        Assert.Equal(await reference.ScalarAsync<string>(Definitions), await database.ScalarAsync<string>(Definitions));
        Assert.Equal((0, 0), (await database.CountAsync("transactions_other"), await database.CountAsync("detailed_transactions_other")));
        await BatchHelper.AssertSoundAsync(database.Connection);

        // Its rows can refer to those of the new partitions, and new ones go into these.
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Large with { ReferenceTime = options.ReferenceTime, ExistingRatio = 1 });
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task Nothing_is_there_and_the_empty_partitions_are_as_they_were_when_the_connection_breaks()
    {
        await using var database = await CreateAsync();
        await using var proxy = new FaultyProxy(database.Settings(), ProxyFault.CutBeforeCommit);
        await using var connection = new DatabaseConnection(proxy.Through(database.Settings()), "streaming", ConnectionSource.Parameter);
        var options = Of(28, TimeSpan.FromDays(40)) with { MaxRetry = 0 };
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(1, 0, 0) with { ReferenceTime = options.ReferenceTime });
        var rows = await HashAsync(database);

        await Assert.ThrowsAsync<StreamingException>(() => BatchHelper.LoadAsync(connection, options));

        Assert.Equal((1, rows), (proxy.Happened, await HashAsync(database)));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname LIKE 'streamingpg\\_new%'"));
        Assert.Contains(OwnTables, (await BatchHelper.LoadAsync(connection, options)).ForeignKeyCheckReason, StringComparison.Ordinal);
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    /// <summary>Whoever reads the tables is waited for, but not for long: the rows are inserted then.</summary>
    [Fact]
    public async Task Rows_are_inserted_where_a_reader_keeps_the_partitions_from_being_attached()
    {
        await using var database = await CreateAsync();
        var options = Of(28, TimeSpan.FromDays(40));
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(1, 0, 0) with { ReferenceTime = options.ReferenceTime, EventSpan = options.EventSpan }); // makes the partitions
        await using var reader = await database.Connection.OpenAsync(CancellationToken.None);
        await using var reading = await reader.BeginTransactionAsync();
        await new Npgsql.NpgsqlCommand("SELECT count(*) FROM streaming.transactions", reader).ExecuteScalarAsync();

        var result = await BatchHelper.LoadAsync(database.Connection, options);

        Assert.Contains("could not be attached (canceling statement due to lock timeout), so their rows were inserted", result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.Equal(ForeignKeyCheck.Row, result.ForeignKeyCheck);
        Assert.Equal((6000, 20_000), (await database.CountAsync("transactions") - 30, await database.CountAsync("detailed_transactions") - 100));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task Rows_that_others_write_to_an_empty_partition_meanwhile_stay()
    {
        await using var database = await CreateAsync();
        var options = Of(28, TimeSpan.FromDays(20));
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(1, 0, 0) with { ReferenceTime = options.ReferenceTime }); // makes the partitions
        await using var writer = await database.Connection.OpenAsync(CancellationToken.None);
        await using var writing = await writer.BeginTransactionAsync();
        await new Npgsql.NpgsqlCommand("LOCK TABLE streaming.transactions_m202606 IN ROW EXCLUSIVE MODE", writer).ExecuteNonQueryAsync();

        var loading = BatchHelper.LoadAsync(database.Connection, options);
        while (!loading.IsCompleted && !await database.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'streaming.transactions_m202606'::regclass)"))
        {
            await Task.Delay(10);
        }

        await new Npgsql.NpgsqlCommand(
            "INSERT INTO streaming.transactions_m202606 SELECT gen_random_uuid(), user_id, 1, '2026-06-15', 'new' FROM streaming.users LIMIT 1", writer).ExecuteNonQueryAsync();
        await writing.CommitAsync();
        var result = await loading;

        Assert.Contains("so their rows were inserted", result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.Equal(6001, await database.CountAsync("transactions_m202606"));
    }

    /// <summary>What would be lost with the empty partition, or would not be seen by who has to see it.</summary>
    [Theory]
    [InlineData("GRANT SELECT ON streaming.transactions_m202606 TO public; GRANT SELECT ON streaming.detailed_transactions_m202606 TO public")]
    [InlineData("CREATE INDEX ON streaming.transactions_m202606 (amount); CREATE INDEX ON streaming.detailed_transactions_m202606 (id)")]
    [InlineData("COMMENT ON TABLE streaming.transactions_m202606 IS 'mine'; ALTER TABLE streaming.detailed_transactions_m202606 SET (fillfactor = 50)")]
    [InlineData("CREATE PUBLICATION changes FOR ALL TABLES")]
    [InlineData("CREATE FUNCTION streaming.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER note AFTER INSERT ON streaming.transactions FOR EACH ROW EXECUTE FUNCTION streaming.note()")]
    public async Task Partitions_that_somebody_has_given_something_are_loaded_as_they_are(string sql)
    {
        await using var database = await CreateAsync();
        var options = Of(28, TimeSpan.FromDays(20));
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(1, 0, 0) with { ReferenceTime = options.ReferenceTime });
        await database.ExecuteAsync(sql);
        var before = await database.ScalarAsync<string>("SELECT string_agg(oid::text, ' ' ORDER BY oid) FROM pg_class WHERE relname LIKE '%m202606'");

        var result = await BatchHelper.LoadAsync(database.Connection, options);

        Assert.DoesNotContain(OwnTables, result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.Equal(before, await database.ScalarAsync<string>("SELECT string_agg(oid::text, ' ' ORDER BY oid) FROM pg_class WHERE relname LIKE '%m202606'"));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task Batches_beside_it_wait_for_a_moment_at_most_and_none_is_lost()
    {
        await using var database = await CreateAsync();
        using var stop = new CancellationTokenSource();
        var beside = Task.Run(async () =>
        {
            var batches = 0;
            for (; !stop.IsCancellationRequested; batches++)
            {
                await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small with { ReferenceTime = Begin, MaxRetry = 0 });
            }

            return batches;
        });

        var result = await BatchHelper.LoadAsync(database.Connection, Of(28, TimeSpan.FromDays(40)));
        await stop.CancelAsync();

        Assert.Contains("new partitions were loaded", result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.True(await beside > 0);
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    /// <summary>A large batch of June 2026, on a day of it.</summary>
    private static BatchOptions Of(int day, TimeSpan span) => BatchHelper.Of(2000, 6000, 20_000) with
    {
        Seed = 7, ReferenceTime = new DateTime(2026, 6, day, 12, 0, 0, DateTimeKind.Utc), EventSpan = span,
    };

    /// <summary>Tables in partitions by month, with a few rows of January.</summary>
    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(
            database.Connection, MetadataReader.Default, new LayoutOptions { PartitionBy = PartitionInterval.Month }, planOnly: false, CancellationToken.None);
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small with { Seed = 1, ReferenceTime = Begin, EventSpan = TimeSpan.FromDays(10) });
        return database;
    }

    private static Task<string> HashAsync(TestDatabase database) => database.ScalarAsync<string>(
        """
        SELECT (SELECT count(*) || md5(string_agg(t::text, '|' ORDER BY user_id)) FROM streaming.users AS t)
            || (SELECT count(*) || md5(string_agg(t::text, '|' ORDER BY transaction_id)) FROM streaming.transactions AS t)
            || (SELECT count(*) || md5(string_agg(t::text, '|' ORDER BY id)) FROM streaming.detailed_transactions AS t)
        """);
}
