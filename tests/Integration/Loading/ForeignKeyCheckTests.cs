using Npgsql;
using StreamingPg.Core.Model;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Loading;

/// <summary>Foreign keys hold whichever way they are proven, and the result says honestly which way that was.</summary>
[Collection(SharedPostgres.Name)]
public sealed class ForeignKeyCheckTests(PostgresFixture postgres)
{
    // What a batch needs at least; the right to set session_replication_role is not among it.
    private static readonly string[] PlainGrants =
    [
        "GRANT USAGE ON SCHEMA streaming TO {role}",
        "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA streaming TO {role}",
        "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA streaming TO {role}",
    ];

    private const string SetGrant = "GRANT SET ON PARAMETER session_replication_role TO {role}";

    [Fact]
    public async Task Every_way_loads_the_same_rows_and_is_reported()
    {
        var hashes = new List<string>();
        foreach (var (asked, used) in new[]
        {
            (ForeignKeyCheck.Auto, ForeignKeyCheck.Set), (ForeignKeyCheck.Set, ForeignKeyCheck.Set), (ForeignKeyCheck.Row, ForeignKeyCheck.Row),
        })
        {
            await using var shop = await LoadedShop.CreateAsync(postgres);
            foreach (var size in new[] { 5, 30 })
            {
                var result = await shop.LoadAsync(LoadedShop.Options(10 * size, 30 * size, 100 * size) with { Seed = 5, ForeignKeyCheck = asked });

                Assert.Equal(used, result.ForeignKeyCheck);
                Assert.Equal(asked == ForeignKeyCheck.Auto, result.ForeignKeyCheckReason != "requested");
            }

            await shop.AssertSoundAsync();
            hashes.Add(await shop.HashAsync());
        }

        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public async Task A_few_rows_are_left_to_the_triggers_unless_set_is_asked_for()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);

        var auto = await shop.LoadAsync(10, 30, 100);
        var set = await shop.LoadAsync(LoadedShop.Options(10, 30, 100) with { ForeignKeyCheck = ForeignKeyCheck.Set });

        Assert.Equal((ForeignKeyCheck.Row, ForeignKeyCheck.Set), (auto.ForeignKeyCheck, set.ForeignKeyCheck));
        Assert.Contains("few rows", auto.ForeignKeyCheckReason, StringComparison.Ordinal);
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task A_role_without_the_right_loads_by_row_and_is_refused_when_it_insists_on_set()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var plain = await shop.Database.ConnectAsPlainRoleAsync(PlainGrants);
        var options = LoadedShop.Options(10, 30, 100);

        var result = await shop.LoadAsync(options, plain);
        var error = await Assert.ThrowsAsync<StreamingException>(() => shop.LoadAsync(options with { ForeignKeyCheck = ForeignKeyCheck.Set }, plain));

        Assert.Equal(ForeignKeyCheck.Row, result.ForeignKeyCheck);
        Assert.Contains("session_replication_role", result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.Equal(("SetCheckNotPossible", StreamingErrorKind.InvalidInput), (error.ErrorId, error.Kind));
        Assert.Contains("session_replication_role", error.Message, StringComparison.Ordinal);
        Assert.Equal((10L, 30L, 100L, 1L), await shop.CountAsync());

        await shop.LoadAsync(LoadedShop.Options(100, 500, 2000), plain);
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task A_plain_role_that_was_given_the_right_loads_by_set()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        if (await shop.Database.MajorVersionAsync() < 15)
        {
            // Nobody can be given the right there: a plain role loads by row, and says so.
            var plain = await shop.Database.ConnectAsPlainRoleAsync(PlainGrants);
            Assert.Equal(ForeignKeyCheck.Row, (await shop.LoadAsync(LoadedShop.Options(100, 300, 1000), plain)).ForeignKeyCheck);
            return;
        }

        var role = await shop.Database.ConnectAsPlainRoleAsync([.. PlainGrants, SetGrant]);
        try
        {
            Assert.Equal(ForeignKeyCheck.Set, (await shop.LoadAsync(LoadedShop.Options(100, 300, 1000), role)).ForeignKeyCheck);
            await shop.AssertSoundAsync();
        }
        finally
        {
            await shop.Database.ExecuteAsync($"REVOKE SET ON PARAMETER session_replication_role FROM {Identifier.Quote(role.UserName)}");
        }
    }

    [Theory]
    [InlineData("FOR EACH ROW", 100)]
    [InlineData("FOR EACH STATEMENT", 1)]
    public async Task A_trigger_of_the_user_forces_row_for_its_table_and_fires(string level, int fired)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);

        // Before the trigger comes, by set: nothing remembered may hide the change.
        Assert.Equal(ForeignKeyCheck.Set, (await shop.LoadAsync(50, 150, 500)).ForeignKeyCheck);
        await shop.Database.ExecuteAsync($"""
            CREATE TABLE streaming.seen (at timestamptz DEFAULT now());
            CREATE FUNCTION streaming.see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO streaming.seen DEFAULT VALUES; RETURN NEW; END $$;
            CREATE TRIGGER watch AFTER INSERT ON streaming.detailed_transactions {level} EXECUTE FUNCTION streaming.see();
            """);

        var result = await shop.LoadAsync(100, 100, 100);

        Assert.Equal(ForeignKeyCheck.Set, result.ForeignKeyCheck);
        Assert.StartsWith("allowed; by row: detailed_transactions (trigger \"watch\"", result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.Equal(fired, await shop.Database.CountAsync("seen"));
        var error = await Assert.ThrowsAsync<StreamingException>(() => shop.LoadAsync(LoadedShop.Options(1, 1, 1) with { ForeignKeyCheck = ForeignKeyCheck.Set }));
        Assert.Equal("SetCheckNotPossible", error.ErrorId);
        await shop.AssertSoundAsync();
    }

    [Theory]
    [InlineData("users", "CREATE RULE quiet AS ON DELETE TO streaming.users DO ALSO NOTHING", "rules")]
    [InlineData("detailed_transactions", "CREATE TABLE streaming.more () INHERITS (streaming.detailed_transactions)", "inherit")]
    [InlineData("transactions", "ALTER TABLE streaming.transactions ADD CONSTRAINT one_user UNIQUE (user_id, transaction_id) DEFERRABLE INITIALLY DEFERRED", "would be skipped")]
    public async Task What_set_would_pass_over_forces_row_for_its_table(string table, string change, string reason)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.Database.ExecuteAsync(change);

        var result = await shop.LoadAsync(100, 300, 1000);

        Assert.Equal(ForeignKeyCheck.Set, result.ForeignKeyCheck);
        Assert.Contains($"; by row: {table} (", result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.Contains(reason, result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.Equal((100L, 300L, 1000L, 1L), await shop.CountAsync());
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task Tables_that_refer_to_one_with_heirs_are_verified_by_row_too()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.Database.ExecuteAsync("CREATE TABLE streaming.more () INHERITS (streaming.users)");

        var result = await shop.LoadAsync(100, 300, 1000);

        Assert.Equal(ForeignKeyCheck.Row, result.ForeignKeyCheck);
        Assert.Contains("inherit", result.ForeignKeyCheckReason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("detailed_transactions", "NEW.transaction_id := gen_random_uuid()", 100)]
    [InlineData("detailed_transactions", "NEW.transaction_id := gen_random_uuid()", 30_000)]
    [InlineData("detailed_transactions", "NEW.transaction_id := NULL", 100)]
    [InlineData("detailed_transactions", "NEW.user_id := gen_random_uuid()", 100)]
    [InlineData("transactions", "NEW.user_id := gen_random_uuid()", 100)]
    [InlineData("transactions", "NEW.user_id := gen_random_uuid()", 3000)]
    [InlineData("users", "RETURN NULL", 100)]
    public async Task A_planted_orphan_is_caught_by_set_and_rolled_back(string table, string harm, int details)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync();
        await shop.Database.ExecuteAsync($"""
            CREATE SEQUENCE streaming.rows_seen;
            CREATE FUNCTION streaming.harm() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN IF nextval('streaming.rows_seen') = 7 THEN {harm}; END IF; RETURN NEW; END $$;
            CREATE TRIGGER harm BEFORE INSERT ON streaming.{table} FOR EACH ROW EXECUTE FUNCTION streaming.harm();
            ALTER TABLE streaming.{table} ENABLE ALWAYS TRIGGER harm;
            """);

        var error = await Assert.ThrowsAsync<StreamingException>(
            () => shop.LoadAsync(LoadedShop.Options(10, details / 3, details) with { ForeignKeyCheck = ForeignKeyCheck.Set }));

        Assert.Equal(("VerificationFailed", StreamingErrorKind.ConstraintViolated), (error.ErrorId, error.Kind));
        Assert.Equal((10L, 30L, 100L, 1L), await shop.CountAsync());
        await shop.AssertSoundAsync();
    }

    [Theory]
    [InlineData(0, 100_000)]
    [InlineData(1, 60)]
    [InlineData(3, 60)]
    public async Task A_parent_cannot_be_deleted_between_proof_and_commit(int heldChunk, int chunkSize)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync(20, 0, 0);
        await shop.Database.ExecuteAsync($"""
            CREATE TABLE old_users AS SELECT user_id FROM streaming.users;
            CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN IF NEW.part = {heldChunk} THEN PERFORM pg_advisory_xact_lock(4711); END IF; RETURN NEW; END $$;
            CREATE TRIGGER hold BEFORE UPDATE ON streaming.batch_ledger FOR EACH ROW EXECUTE FUNCTION hold();
            ALTER TABLE streaming.batch_ledger ENABLE ALWAYS TRIGGER hold;
            """);

        // The ledger row is completed after the proof: there the part is held until the other session has tried.
        await using var other = await shop.Connection.OpenAsync(CancellationToken.None);
        await ExecuteAsync(other, "SELECT pg_advisory_lock(4711)");
        var batch = Task.Run(() => shop.LoadAsync(
            LoadedShop.Options(0, 200, 40) with { ExistingRatio = 1, ChunkSize = chunkSize, ForeignKeyCheck = ForeignKeyCheck.Set }));
        await WaitUntilHeldAsync(shop, batch);
        var deleted = Task.Run(() => DeleteEachAsync(shop));
        await deleted;
        await ExecuteAsync(other, "SELECT pg_advisory_unlock(4711)");
        await batch;

        await shop.AssertSoundAsync();
        Assert.Equal((200L, 40L), await shop.CountAsync() is var count ? (count.Transactions, count.Details) : default);
    }

    /// <summary>Deletes every old user that nobody holds; those that are held or referred to stay.</summary>
    private static async Task DeleteEachAsync(LoadedShop shop)
    {
        await using var session = await shop.Connection.OpenAsync(CancellationToken.None);
        await ExecuteAsync(session, "SET lock_timeout = '20ms'");
        foreach (var row in await shop.Database.QueryAsync("SELECT user_id FROM old_users"))
        {
            try
            {
                await ExecuteAsync(session, $"DELETE FROM streaming.users WHERE user_id = '{row[0]}'");
            }
            catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.ForeignKeyViolation)
            {
                // As it should be.
            }
        }

        await ExecuteAsync(session, "RESET lock_timeout");
    }

    private static async Task WaitUntilHeldAsync(LoadedShop shop, Task batch)
    {
        for (var attempt = 0; attempt < 12_000; attempt++)
        {
            Assert.False(batch.IsCompleted, $"The batch ended before it was held: {batch.Exception}");
            if (await shop.Database.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted") > 0)
            {
                return;
            }

            await Task.Delay(10);
        }

        Assert.Fail("The batch did not come to its end in two minutes.");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
