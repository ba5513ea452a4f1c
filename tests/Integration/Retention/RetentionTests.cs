using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Retention;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Retention;

/// <summary>What retention removes and what stays, on the default tables.</summary>
[Collection(SecondPostgres.Name)]
public sealed class RetentionTests(PostgresFixture postgres)
{
    private static readonly DateTime Now = DateTime.UtcNow;
    private static readonly RetentionOptions HalfOfThem = new() { Before = Now.AddDays(-15) };

    [Theory]
    [InlineData(1000, false)]
    [InlineData(37, false)]
    [InlineData(37, true)]
    public async Task Old_rows_go_unless_younger_ones_refer_to_them(int chunkSize, bool indexed)
    {
        await using var database = await CreateAsync();
        if (indexed)
        {
            await database.ExecuteAsync("CREATE INDEX ON streaming.users (registration_date); CREATE INDEX ON streaming.transactions (transaction_date)");
        }

        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(500, 1500, 4000));
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(300, 100, 200));
        var young = $"timestamp '{HalfOfThem.Before:yyyy-MM-dd HH:mm:ss.ffffff}'";
        Assert.Equal(1, await database.ExecuteAsync(
            $"""
            UPDATE streaming.detailed_transactions SET created_at = {young} WHERE id = (
                SELECT max(id) FROM streaming.detailed_transactions JOIN streaming.transactions t USING (transaction_id)
                WHERE transaction_date < {young} GROUP BY t.transaction_id HAVING count(*) > 1 ORDER BY max(transaction_date) LIMIT 1)
            """));
        var youngLines = await database.ScalarAsync<long>($"SELECT count(*) FROM streaming.detailed_transactions WHERE created_at >= {young}");

        // A transaction with a young line stays whole, old lines too.
        var linesLeft = await database.ScalarAsync<long>(
            $"""
            SELECT count(*) FROM streaming.detailed_transactions l JOIN streaming.transactions t USING (transaction_id)
            WHERE transaction_date >= {young}
               OR EXISTS (SELECT FROM streaming.detailed_transactions d WHERE d.transaction_id = t.transaction_id AND created_at >= {young})
            """);
        var transactionsLeft = await database.ScalarAsync<long>(
            $"""
            SELECT count(*) FROM streaming.transactions t WHERE transaction_date >= {young}
               OR EXISTS (SELECT FROM streaming.detailed_transactions d WHERE d.transaction_id = t.transaction_id AND created_at >= {young})
            """);
        var usersLeft = await database.ScalarAsync<long>(
            $"""
            SELECT count(*) FROM streaming.users u WHERE registration_date >= {young}
               OR EXISTS (SELECT FROM streaming.transactions t WHERE t.user_id = u.user_id AND (transaction_date >= {young}
                   OR EXISTS (SELECT FROM streaming.detailed_transactions d WHERE d.transaction_id = t.transaction_id AND created_at >= {young})))
            """);

        var results = await RemovalHelper.RemoveAsync(database.Connection, HalfOfThem with { ChunkSize = chunkSize });

        Assert.Equal(["detailed_transactions", "transactions", "users"], results.Keys);
        Assert.Equal((linesLeft, 4200 - linesLeft), (await database.CountAsync("detailed_transactions"), results["detailed_transactions"].Removed));
        Assert.Equal((transactionsLeft, 1600 - transactionsLeft), (await database.CountAsync("transactions"), results["transactions"].Removed));
        Assert.Equal((usersLeft, 800 - usersLeft), (await database.CountAsync("users"), results["users"].Removed));
        Assert.Equal(linesLeft - youngLines, results["detailed_transactions"].Kept);
        Assert.Equal(
            usersLeft, results["users"].Kept + await database.ScalarAsync<long>($"SELECT count(*) FROM streaming.users WHERE registration_date >= {young}"));
        Assert.InRange(results["users"].Removed, 1, 799);
        await BatchHelper.AssertSoundAsync(database.Connection);

        Assert.All((await RemovalHelper.RemoveAsync(database.Connection, HalfOfThem)).Values, again => Assert.Equal(0, again.Removed));
    }

    [Fact]
    public async Task The_count_beforehand_is_what_is_removed_then()
    {
        await using var database = await CreateAsync();
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(300, 600, 900) with { ReferenceTime = Now });
        foreach (var days in (int[])[25, 18, 11, 4, 0])
        {
            var options = new RetentionOptions { Before = Now.AddDays(-days) };
            var counted = await RetentionRunner.CountAsync(database.Connection, MetadataReader.Default, options, CancellationToken.None);
            Assert.All(counted, table => Assert.True(table.CountedOnly));
            var removed = await RemovalHelper.RemoveAsync(database.Connection, options);

            Assert.Equal(
                counted.Select(table => (table.Table, table.Before, table.Examined, table.Removed, table.Kept)),
                removed.Values.Select(table => (table.Table, table.Before, table.Examined, table.Removed, table.Kept)));
            await BatchHelper.AssertSoundAsync(database.Connection);
        }

        Assert.Equal(0L, await database.CountAsync("users"));
    }

    [Fact]
    public async Task It_keeps_to_the_rows_per_second_asked_for()
    {
        await using var database = await CreateAsync();
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(100, 100, 100));
        var clock = System.Diagnostics.Stopwatch.StartNew();

        var results = await RemovalHelper.RemoveAsync(database.Connection, new RetentionOptions { OlderThan = TimeSpan.Zero, Force = true, MaxRowsPerSecond = 200 });

        Assert.Equal(300, results.Values.Sum(table => table.Removed));
        Assert.InRange(clock.Elapsed.TotalSeconds, 1.49, double.MaxValue);
    }

    [Fact]
    public async Task Interrupted_it_leaves_a_sound_database_and_the_next_run_does_the_rest()
    {
        await using var database = await CreateAsync();
        await using var undisturbed = await CreateAsync();
        var batch = BatchHelper.Of(500, 1500, 4000) with { Seed = 7, ReferenceTime = Now };
        await BatchHelper.LoadAsync(database.Connection, batch);
        await BatchHelper.LoadAsync(undisturbed.Connection, batch);
        await RemovalHelper.RemoveAsync(undisturbed.Connection, HalfOfThem);

        var interruptions = 0;
        for (var done = false; !done;)
        {
            using var stop = new CancellationTokenSource();
            var watch = new Watch(removed => { if (removed >= 300) { stop.Cancel(); } });
            try
            {
                await foreach (var _ in RetentionRunner.RunAsync(
                    database.Connection, MetadataReader.Default, HalfOfThem with { ChunkSize = 50 }, watch, events: null, stop.Token))
                {
                }

                done = true;
            }
            catch (OperationCanceledException)
            {
                interruptions++;
            }

            await BatchHelper.AssertSoundAsync(database.Connection);
        }

        Assert.InRange(interruptions, 3, 100);
        foreach (var table in MetadataReader.Default.Tables)
        {
            Assert.Equal(await undisturbed.CountAsync(table.Name), await database.CountAsync(table.Name));
        }
    }

    [Fact]
    public async Task It_runs_beside_writers_and_both_get_on()
    {
        await using var database = await CreateAsync();
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(2000, 1000, 1000));
        var writers = Enumerable.Range(0, 3).Select(async writer =>
        {
            for (var batch = 0; batch < 60; batch++)
            {
                // By row the parents are locked by the triggers only, by set when they are picked.
                var check = writer == 0 ? ForeignKeyCheck.Set : ForeignKeyCheck.Row;
                await BatchHelper.LoadAsync(
                    database.Connection, BatchHelper.Of(10, 30, 60) with { ExistingRatio = 0.9, ForeignKeyCheck = check, MaxRetry = 20 });
            }
        }).ToList();
        var loading = Task.WhenAll(writers);
        var removed = 0L;
        var kept = 0L;
        async Task RemoveAsync()
        {
            var results = await RemovalHelper.RemoveAsync(database.Connection, new RetentionOptions { OlderThan = TimeSpan.FromDays(1), ChunkSize = 100 });
            removed += results.Values.Sum(table => table.Removed);
            kept += results.Values.Sum(table => table.Kept);
        }

        while (!loading.IsCompleted)
        {
            await RemoveAsync();
        }

        // Once more, for the rows that came after a slow removal had passed their table.
        await loading;
        await RemoveAsync();
        Assert.InRange(removed, 5000, 4000 + (180 * 100));
        Assert.InRange(kept, 1, long.MaxValue);
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task A_parent_whose_new_child_is_not_committed_yet_stays()
    {
        await using var database = await CreateAsync();
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(50, 0, 0));
        var user = await database.ScalarAsync<Guid>("SELECT user_id FROM streaming.users LIMIT 1");
        await using (var other = await database.Connection.OpenAsync(CancellationToken.None))
        await using (var transaction = await other.BeginTransactionAsync())
        {
            await using var insert = new Npgsql.NpgsqlCommand(
                $"INSERT INTO streaming.transactions VALUES (gen_random_uuid(), '{user}', 1, now()::timestamp, 'x')", other);
            await insert.ExecuteNonQueryAsync();

            var users = (await RemovalHelper.RemoveAsync(database.Connection, new RetentionOptions { OlderThan = TimeSpan.Zero, Force = true }))["users"];

            Assert.Equal((50, 49, 1), (users.Examined, users.Removed, users.Kept));
            await transaction.CommitAsync();
        }

        Assert.Equal(1L, await database.CountAsync("transactions"));
        Assert.Equal(1L, await database.ScalarAsync<long>($"SELECT count(*) FROM streaming.users WHERE user_id = '{user}'"));
    }

    [Theory]
    [InlineData(ProxyFault.CutBeforeCommit)]
    [InlineData(ProxyFault.CutAfterCommit)]
    public async Task Cut_at_commit_it_counts_every_row_once(ProxyFault fault)
    {
        await using var database = await CreateAsync();
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(100, 1000, 2000));
        await using var proxy = new FaultyProxy(database.Settings(), fault, times: 6);
        await using var connection = new DatabaseConnection(
            proxy.Through(database.Settings()), database.Connection.Schema, ConnectionSource.Parameter);
        var events = new EventList();

        // All six commits are cut, the last ones of each table, too.
        var results = await RemovalHelper.RemoveAsync(
            connection, new RetentionOptions { OlderThan = TimeSpan.Zero, Force = true, ChunkSize = 200, MaxRetry = 10 }, events: events);

        Assert.Equal(6, proxy.Happened);
        Assert.Equal(6, events.Retries.Count());
        Assert.Equal([2000, 1000, 100], results.Values.Select(table => table.Removed));
        Assert.All(results.Values, table => Assert.Equal(0, table.Kept));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task A_lock_of_somebody_else_is_waited_for_a_short_time_only()
    {
        await using var database = await CreateAsync();
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);
        await using var other = await database.Connection.OpenAsync(CancellationToken.None);
        await using var transaction = await other.BeginTransactionAsync();
        await using var command = new Npgsql.NpgsqlCommand("LOCK TABLE streaming.detailed_transactions IN SHARE MODE", other);
        await command.ExecuteNonQueryAsync();

        var error = await Assert.ThrowsAsync<StreamingException>(() => RemovalHelper.RemoveAsync(
            database.Connection, new RetentionOptions { OlderThan = TimeSpan.Zero, Force = true, MaxRetry = 0 }));

        Assert.Equal("LockNotAvailable", error.ErrorId);
        await transaction.RollbackAsync();
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task Without_the_right_to_delete_it_says_so()
    {
        await using var database = await CreateAsync();
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);
        var reader = await database.ConnectAsPlainRoleAsync(
            "GRANT USAGE ON SCHEMA streaming TO {role}", "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA streaming TO {role}");

        var error = await Assert.ThrowsAsync<StreamingException>(() => RemovalHelper.RemoveAsync(
            reader, new RetentionOptions { OlderThan = TimeSpan.Zero, Force = true }));

        Assert.Equal("PermissionDenied", error.ErrorId);
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused()
    {
        await using var database = await CreateAsync();
        foreach (var (options, id) in new (RetentionOptions, string)[]
        {
            (new(), "RetentionNotGiven"),
            (new() { OlderThan = TimeSpan.FromDays(1), Before = Now }, "RetentionOptionInvalid"),
            (new() { OlderThan = TimeSpan.FromDays(-1) }, "RetentionOptionInvalid"),
            (new() { Before = Now, ChunkSize = 0 }, "RetentionOptionInvalid"),
            (new() { Before = Now, MaxRowsPerSecond = 0 }, "RetentionOptionInvalid"),
        })
        {
            Assert.Equal(id, (await Assert.ThrowsAsync<StreamingException>(() => RemovalHelper.RemoveAsync(database.Connection, options))).ErrorId);
        }

        Assert.All(
            (await RemovalHelper.RemoveAsync(database.Connection, new RetentionOptions { OlderThan = TimeSpan.MaxValue })).Values,
            table => Assert.Equal(0, table.Examined));
    }

    [Theory]
    [InlineData(60 * 24 * 60, true)]
    [InlineData(-2, true)]
    [InlineData(0.5, false)]
    public async Task A_client_whose_clock_is_wrong_removes_nothing(double minutesAhead, bool isRefused)
    {
        await using var database = await CreateAsync();
        await using var open = await database.Connection.OpenAsync(CancellationToken.None);
        var before = DateTime.UtcNow;
        var asked = ServerClock.ReadAsync(open, new ShiftedClock(TimeSpan.FromMinutes(minutesAhead)), CancellationToken.None);
        if (!isRefused)
        {
            Assert.InRange(await asked, before.AddSeconds(-30), DateTime.UtcNow.AddSeconds(1));
            return;
        }

        var error = await Assert.ThrowsAsync<StreamingException>(() => asked);
        Assert.Equal(ErrorIds.ClocksDiffer, error.ErrorId);
        foreach (var ahead in new[] { minutesAhead, 0 })
        {
            // The hour may change meanwhile.
            Assert.Contains(new[] { before, DateTime.UtcNow }, time => error.Message.Contains($"{time.AddMinutes(ahead):yyyy-MM-dd HH}", StringComparison.Ordinal));
        }
    }

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        return database;
    }

    private sealed class Watch(Action<long> removed) : IProgress<Core.Loading.Batches.BatchProgress>
    {
        public void Report(Core.Loading.Batches.BatchProgress value) => removed(value.RowsDone);
    }

    private sealed class ShiftedClock(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
    }
}
