using StreamingPg.Core.Clearing;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Loading;

/// <summary>A role that may not switch triggers off but owns empty tables gets its foreign keys and indexes built after the load.</summary>
[Collection(SharedPostgres.Name)]
public sealed class RebuildAfterLoadTests(PostgresFixture postgres)
{
    private const string Indexes =
        "SELECT string_agg(indexdef, E'\\n' ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'streaming'";

    private const string Definitions =
        """
        SELECT string_agg(conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated, E'\n' ORDER BY conname)
        FROM pg_constraint WHERE contype = 'f' AND connamespace = 'streaming'::regnamespace
        """;

    // Other numbers show that the indexes were made anew.
    private const string IndexFiles =
        "SELECT string_agg(c.oid::text, ' ' ORDER BY c.relname) FROM pg_class c WHERE c.relname LIKE '%\\_id\\_idx' AND c.relnamespace = 'streaming'::regnamespace";

    private static readonly string[] OwnerGrants =
    [
        "ALTER SCHEMA streaming OWNER TO {role}",
        "ALTER TABLE streaming.users OWNER TO {role}",
        "ALTER TABLE streaming.transactions OWNER TO {role}",
        "ALTER TABLE streaming.detailed_transactions OWNER TO {role}",
        "ALTER TABLE streaming.batch_ledger OWNER TO {role}",
    ];

    [Fact]
    public async Task The_keys_are_as_they_were_and_the_rows_as_they_always_are()
    {
        await using var reference = await LoadedShop.CreateAsync(postgres);
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var owner = await shop.Database.ConnectAsPlainRoleAsync(OwnerGrants);
        var before = await shop.Database.ScalarAsync<string>(Definitions);
        var indexes = await shop.Database.ScalarAsync<string>(Indexes);
        var files = await shop.Database.ScalarAsync<string>(IndexFiles);

        // Several parts, which all go into the one transaction.
        var options = LoadedShop.Options(2000, 6000, 20_000) with { Seed = 7, ChunkSize = 5000 };
        await reference.LoadAsync(options);
        var result = await shop.LoadAsync(options, owner);

        Assert.Equal(ForeignKeyCheck.Set, result.ForeignKeyCheck);
        Assert.Contains("empty", result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.Equal(28_000, result.TotalRows);
        Assert.Equal(before, await shop.Database.ScalarAsync<string>(Definitions));
        Assert.Equal(indexes, await shop.Database.ScalarAsync<string>(Indexes));
        Assert.NotEqual(files, await shop.Database.ScalarAsync<string>(IndexFiles));
        Assert.Equal(await reference.HashAsync(), await shop.HashAsync());
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task The_ledger_has_every_part_and_a_repeat_loads_nothing()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var owner = await shop.Database.ConnectAsPlainRoleAsync(OwnerGrants);
        var options = LoadedShop.Options(2000, 6000, 20_000) with { BatchId = Guid.NewGuid(), ChunkSize = 5000 };

        await shop.LoadAsync(options, owner);
        var repeat = await shop.LoadAsync(options, owner);

        Assert.True(repeat.AlreadyLoaded);
        Assert.Equal(28_000, repeat.TotalRows);
        Assert.Equal(7L, await shop.Database.ScalarAsync<long>("SELECT count(*) FROM streaming.batch_ledger"));
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task A_first_load_truncates_and_freezes_and_is_whole_or_not_there_when_its_connection_breaks()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var before = (await shop.Database.ScalarAsync<string>(Definitions), await shop.Database.ScalarAsync<string>(Indexes));
        await using var proxy = new FaultyProxy(shop.Database.Settings(), ProxyFault.CutInCopy);
        await using var connection = new DatabaseConnection(proxy.Through(shop.Database.Settings()), "streaming", ConnectionSource.Parameter);

        await Assert.ThrowsAsync<StreamingException>(() => shop.LoadAsync(LoadedShop.Options(2000, 6000, 20_000) with { MaxRetry = 0 }, connection));
        Assert.Equal(1, proxy.Happened);
        Assert.Equal((0L, 0L, 0L, 0L), await shop.CountAsync());
        Assert.Equal(before, (await shop.Database.ScalarAsync<string>(Definitions), await shop.Database.ScalarAsync<string>(Indexes)));

        var result = await shop.LoadAsync(LoadedShop.Options(2000, 6000, 20_000), connection);

        Assert.Contains("were empty", result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.Equal((2000L, 6000L, 20_000L, 1L), await shop.CountAsync());
        Assert.Equal(before, (await shop.Database.ScalarAsync<string>(Definitions), await shop.Database.ScalarAsync<string>(Indexes)));
        Assert.True(await shop.Database.ScalarAsync<bool>(
            "SELECT bool_and(relallvisible > 0) FROM pg_class WHERE relnamespace = 'streaming'::regnamespace AND relkind = 'r' AND relname <> 'batch_ledger'"));
        await shop.AssertSoundAsync();
    }

    /// <summary>Through their parent: dropping an index of that, and building it again, does the same to all partitions.</summary>
    [Fact]
    public async Task A_first_load_of_tables_in_partitions_builds_their_keys_and_indexes_after_it()
    {
        // Partitions have constraints of the same name.
        const string AllDefinitions =
            "SELECT string_agg(line, E'\\n' ORDER BY line) FROM (SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'streaming'::regnamespace) AS c (line)";
        await using var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(
            database.Connection, MetadataReader.Default, new LayoutOptions { PartitionBy = PartitionInterval.Month }, planOnly: false, CancellationToken.None);
        var now = new DateTime(2026, 6, 15, 12, 0, 0, DateTimeKind.Utc);
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small with { ReferenceTime = now });
        await TableClearer.ClearAsync(database.Connection, MetadataReader.Default, planOnly: false, force: true, CancellationToken.None);
        var before = (await database.ScalarAsync<string>(AllDefinitions), await database.ScalarAsync<string>(Indexes));
        var options = LoadedShop.Options(2000, 6000, 20_000) with { Seed = 7, ReferenceTime = now, ChunkSize = 5000, MaxRetry = 0 };
        await using var proxy = new FaultyProxy(database.Settings(), ProxyFault.CutInCopy);
        await using var connection = new DatabaseConnection(proxy.Through(database.Settings()), "streaming", ConnectionSource.Parameter);

        await Assert.ThrowsAsync<StreamingException>(() => BatchHelper.LoadAsync(connection, options));
        Assert.Equal((1, 0), (proxy.Happened, await database.CountAsync("users")));
        Assert.Equal(before, (await database.ScalarAsync<string>(AllDefinitions), await database.ScalarAsync<string>(Indexes)));
        var result = await BatchHelper.LoadAsync(connection, options);

        Assert.Contains("were empty", result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.Equal(before, (await database.ScalarAsync<string>(AllDefinitions), await database.ScalarAsync<string>(Indexes)));
        Assert.True(await database.ScalarAsync<bool>("SELECT bool_and(indisvalid) FROM pg_index"));
        Assert.Equal((0, 6000), (await database.CountAsync("transactions_other"), await database.CountAsync("transactions")));
        Assert.InRange(await database.CountAsync("transactions_m202605"), 1, 5999);
        await BatchHelper.AssertSoundAsync(database.Connection);

        // Verified all the same: no server keeps this foreign key. An orphan that a trigger makes stops a first load, too.
        await TableClearer.ClearAsync(database.Connection, MetadataReader.Default, planOnly: false, force: true, CancellationToken.None);
        await database.ExecuteAsync(
            """
            CREATE FUNCTION streaming.lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.transaction_id := gen_random_uuid(); RETURN NEW; END $$;
            CREATE TRIGGER lose BEFORE INSERT ON streaming.detailed_transactions FOR EACH ROW EXECUTE FUNCTION streaming.lose();
            """);
        var orphan = await Assert.ThrowsAsync<StreamingException>(() => BatchHelper.LoadAsync(database.Connection, options));
        Assert.Equal((ErrorIds.VerificationFailed, 0), (orphan.ErrorId, await database.CountAsync("transactions")));
    }

    /// <summary>All rows are verified, by one query per table: a default may do to them what it likes.</summary>
    [Theory]
    [InlineData("UPDATE streaming.detailed_transactions SET user_id = other.user_id FROM (SELECT user_id FROM streaming.users LIMIT 2) AS other WHERE ctid = '(0,1)' AND detailed_transactions.user_id <> other.user_id", "have another (user_id)")]
    [InlineData("DELETE FROM streaming.detailed_transactions WHERE ctid = '(0,1)'", "20000 rows of \"detailed_transactions\" were sent, but the server has 19999")]
    [InlineData("INSERT INTO streaming.users SELECT (jsonb_populate_record(u, '{\"user_id\": \"00000000-0000-4000-8000-000000000000\", \"email\": \"other\"}')).* FROM streaming.users u LIMIT 1", "2000 rows of \"users\" were sent, but the server has 2001")]
    public async Task Rows_that_change_during_a_first_load_stop_it(string harm, string expected)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var owner = await shop.Database.ConnectAsPlainRoleAsync(OwnerGrants);
        await shop.Database.ExecuteAsync(
            $"""
            CREATE SEQUENCE streaming.rows_seen;
            CREATE FUNCTION streaming.harm() RETURNS boolean LANGUAGE plpgsql AS
                $$ BEGIN IF nextval('streaming.rows_seen') = 5900 THEN {harm}; END IF; RETURN true; END $$;
            ALTER TABLE streaming.transactions ADD COLUMN seen boolean DEFAULT streaming.harm();
            GRANT USAGE ON SEQUENCE streaming.rows_seen TO PUBLIC;
            """);

        var error = await Assert.ThrowsAsync<StreamingException>(
            () => shop.LoadAsync(LoadedShop.Options(2000, 6000, 20_000) with { Seed = 7, ChunkSize = 5000 }, owner));

        Assert.Equal(ErrorIds.VerificationFailed, error.ErrorId);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal((0L, 0L, 0L, 0L), await shop.CountAsync());
    }

    [Fact]
    public async Task A_first_load_waits_for_nobody_who_reads_the_tables()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await using var reader = await shop.Connection.OpenAsync(CancellationToken.None);
        await using var transaction = await reader.BeginTransactionAsync();
        await using (var read = new Npgsql.NpgsqlCommand("SELECT count(*) FROM streaming.users", reader))
        {
            await read.ExecuteScalarAsync();
        }

        var result = await shop.LoadAsync(LoadedShop.Options(2000, 6000, 20_000));

        Assert.DoesNotContain("were empty", result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.Equal((2000L, 6000L, 20_000L, 1L), await shop.CountAsync());
    }

    [Fact]
    public async Task What_a_publication_carries_is_not_truncated()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.Database.ExecuteAsync("CREATE PUBLICATION everything FOR ALL TABLES");
        var file = await shop.Database.ScalarAsync<long>("SELECT pg_relation_filenode('streaming.users')::bigint");

        var result = await shop.LoadAsync(LoadedShop.Options(2000, 6000, 20_000));

        Assert.Contains("were empty", result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.Equal(file, await shop.Database.ScalarAsync<long>("SELECT pg_relation_filenode('streaming.users')::bigint"));
        await shop.AssertSoundAsync();
    }

    [Theory]
    [InlineData("CREATE TABLE other.people (id int PRIMARY KEY); ALTER TABLE streaming.users ADD COLUMN owner_id int REFERENCES other.people")]
    [InlineData("ALTER TABLE streaming.users ADD COLUMN friend_id uuid, ADD FOREIGN KEY (friend_id) REFERENCES streaming.users NOT VALID")]
    public async Task Keys_to_other_tables_and_keys_that_are_not_valid_stay(string change)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.Database.ExecuteAsync("CREATE SCHEMA other");
        await shop.Database.ExecuteAsync(change);
        const string Keys = "SELECT string_agg(oid::text, ' ' ORDER BY oid) FROM pg_constraint WHERE connamespace = 'streaming'::regnamespace";
        var keys = await shop.Database.ScalarAsync<string>(Keys);

        var result = await shop.LoadAsync(LoadedShop.Options(2000, 6000, 20_000));

        Assert.DoesNotContain("were empty", result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.Equal(keys, await shop.Database.ScalarAsync<string>(Keys));
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task Tables_that_have_rows_keep_their_keys_during_the_load()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var owner = await shop.Database.ConnectAsPlainRoleAsync(OwnerGrants);
        await shop.LoadAsync(10, 30, 100);

        var result = await shop.LoadAsync(LoadedShop.Options(2000, 6000, 20_000), owner);

        Assert.Equal(ForeignKeyCheck.Row, result.ForeignKeyCheck);
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task Keys_that_would_not_come_back_as_they_were_are_left_alone()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var owner = await shop.Database.ConnectAsPlainRoleAsync(OwnerGrants);
        await shop.Database.ExecuteAsync("COMMENT ON CONSTRAINT transactions_user_id_fkey ON streaming.transactions IS 'kept'");

        var result = await shop.LoadAsync(LoadedShop.Options(2000, 6000, 20_000), owner);

        Assert.Equal(ForeignKeyCheck.Row, result.ForeignKeyCheck);
        Assert.Equal("kept", await shop.Database.ScalarAsync<string>("SELECT obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE conname = 'transactions_user_id_fkey'"));
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task Indexes_that_would_not_come_back_as_they_were_stay()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var owner = await shop.Database.ConnectAsPlainRoleAsync(OwnerGrants);
        await shop.Database.ExecuteAsync(
            """
            COMMENT ON INDEX streaming.transactions_user_id_idx IS 'kept';
            CREATE INDEX clustered ON streaming.transactions (transaction_date);
            ALTER TABLE streaming.transactions CLUSTER ON clustered;
            CREATE INDEX sampled ON streaming.users (lower(name));
            ALTER INDEX streaming.sampled ALTER COLUMN 1 SET STATISTICS 500;
            CREATE INDEX "Mixed "" case" ON streaming.users (lower(email) text_pattern_ops DESC) INCLUDE (city) WITH (fillfactor = 70) WHERE city <> '';
            """);
        const string All =
            """
            SELECT string_agg(concat_ws(' ', c.relname, pg_get_indexdef(c.oid), x.indisclustered, obj_description(c.oid, 'pg_class'), a.attstattarget), E'\n' ORDER BY c.relname)
            FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1
            WHERE c.relnamespace = 'streaming'::regnamespace
            """;
        var before = await shop.Database.ScalarAsync<string>(All);

        var result = await shop.LoadAsync(LoadedShop.Options(2000, 6000, 20_000), owner);

        Assert.Contains("indexes were built", result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.Equal(before, await shop.Database.ScalarAsync<string>(All));
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task A_role_that_may_not_create_in_the_schema_leaves_the_indexes()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var owner = await shop.Database.ConnectAsPlainRoleAsync([.. OwnerGrants, "ALTER SCHEMA streaming OWNER TO CURRENT_USER", "GRANT USAGE ON SCHEMA streaming TO {role}"]);
        var files = await shop.Database.ScalarAsync<string>(IndexFiles);

        var result = await shop.LoadAsync(LoadedShop.Options(2000, 6000, 20_000), owner);

        Assert.EndsWith("their foreign keys were built after the load", result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.Equal(files, await shop.Database.ScalarAsync<string>(IndexFiles));
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task Statistics_say_where_the_time_went()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);

        var result = await shop.LoadAsync(LoadedShop.Options(10_000, 30_000, 100_000) with { Statistics = true });

        var statistics = Assert.IsType<BatchStatistics>(result.Statistics);
        Assert.True(statistics.Samples > 0);
        Assert.NotEqual(BatchLimit.TooShortToTell, statistics.Limit);
        Assert.InRange(statistics.BytesSent, 140_000 * 40L, 140_000 * 400L);
        Assert.InRange(statistics.WaitedForRows + statistics.Sending, TimeSpan.FromTicks(1), result.LoadTime + TimeSpan.FromMilliseconds(1));
    }
}
