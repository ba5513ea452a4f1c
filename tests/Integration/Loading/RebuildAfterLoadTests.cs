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
